from django.urls import include, path
from rest_framework.routers import SimpleRouter

from store.views import UserViewSet

router = SimpleRouter(trailing_slash=False)
router.register("users", UserViewSet)

urlpatterns = [path("api/v1/", include(router.urls))]
