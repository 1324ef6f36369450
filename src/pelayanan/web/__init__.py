"""ASGI apps over a desk: webhooks in. Mount them in FastAPI, Starlette, Django or by themselves."""

from pelayanan.web.webhooks import webhooks

__all__ = ["webhooks"]
