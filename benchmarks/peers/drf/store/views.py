import json

from django.db import connection, transaction
from rest_framework import mixins, serializers, viewsets
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.response import Response

from store.models import User


class UserSerializer(serializers.ModelSerializer):
    full_name = serializers.CharField(min_length=1, max_length=200, allow_null=True)

    class Meta:
        model = User
        fields = [
            "id",
            "email",
            "username",
            "full_name",
            "role",
            "is_active",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["id", "role", "is_active", "created_at", "updated_at"]


class AsCaller:
    """The view's transaction acts as the caller, so row-level security holds."""

    def dispatch(self, request, *args, **kwargs):
        with transaction.atomic():
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        claims = request.user.claims
        with connection.cursor() as cursor:
            cursor.execute(
                "select set_config('role', %s, true), set_config('request.jwt.claims', %s, true)",
                [claims["role"], json.dumps(claims)],
            )


class Page(LimitOffsetPagination):
    default_limit = 20
    max_limit = 100

    def get_count(self, queryset):
        return 0

    def paginate_queryset(self, queryset, request, view=None):
        limit = self.get_limit(request)
        offset = self.get_offset(request)
        return list(queryset[offset : offset + limit])

    def get_paginated_response(self, data):
        return Response(data)


class UserViewSet(
    AsCaller,
    mixins.RetrieveModelMixin,
    mixins.ListModelMixin,
    mixins.UpdateModelMixin,
    viewsets.GenericViewSet,
):
    queryset = User.objects.all()
    serializer_class = UserSerializer
    pagination_class = Page

    def perform_update(self, serializer):
        user = serializer.instance
        changed = list(serializer.validated_data)
        for name, value in serializer.validated_data.items():
            setattr(user, name, value)
        user.save(update_fields=changed)
        user.refresh_from_db(fields=["updated_at"])
