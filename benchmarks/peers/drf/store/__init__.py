"""The API's read, list and write as a Django REST framework service."""
