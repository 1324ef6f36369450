"""Uploads videos through Bluesky's video service, which takes more than a server's blob limit.

Source: https://docs.bsky.app/docs/tutorials/video
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import BaseModel

from pelayanan.errors import PlatformError, RejectedError, ServerError
from pelayanan.platforms._bluesky import Pass, classify, signed
from pelayanan.platforms._bluesky_server import Server
from pelayanan.protocol.flow import Steps, fetch, sleep
from pelayanan.protocol.media import MediaFile
from pelayanan.protocol.request import Request, Response

__all__ = ["VideoService"]

_POLLS: Final = 150
_POLL_S: Final = 2.0
_PASS: Final = timedelta(minutes=30)
"""How long the service may act for the account: an upload and its processing."""


class _Job(BaseModel):
    jobId: str = ""
    state: str = ""
    blob: dict[str, Any] | None = None
    error: str = ""
    failureCode: str = ""


class _Status(_Job):
    """The service answers with the job itself, the lexicon wraps it: both are read."""

    jobStatus: _Job | None = None

    @property
    def job(self) -> _Job:
        return self.jobStatus or self


class VideoService:
    """Turns a video into a blob of the account."""

    def __init__(self, url: str, server: Server) -> None:
        self._url = url.rstrip("/")
        self._server = server

    def upload(self, file: MediaFile, now: datetime) -> Steps[dict[str, Any]]:
        """Upload, and wait until the service has processed the video and made it a blob.

        Raises:
            RejectedError: The service refuses the video.
            ServerError: It is not done after five minutes.
        """
        job = yield from self._begin(file, now)
        for _ in range(_POLLS):
            if job.blob is not None:
                return job.blob
            if job.state == "JOB_STATE_FAILED":
                reason = job.failureCode or job.error or job.state
                raise RejectedError(reason, operation="bluesky.upload_video")
            yield from sleep(_POLL_S)
            call = self._request("video_status", "getJobStatus", params={"jobId": job.jobId})
            job = (yield from fetch(call, _Status)).job
        raise ServerError("the video is still being processed", operation="bluesky.video_status")

    def _begin(self, file: MediaFile, now: datetime) -> Steps[_Job]:
        session = yield from self._server.session()
        host = urlsplit(session.pds or self._server.base_url).netloc
        until = int((now + _PASS).timestamp())
        params = {"aud": f"did:web:{host}", "lxm": "com.atproto.repo.uploadBlob", "exp": until}
        call = self._server.request(
            "video_pass", "com.atproto.server.getServiceAuth", params=params
        )
        leave = yield from self._server.fetch(call, Pass)
        upload = self._request(
            "upload_video",
            "uploadVideo",
            method="POST",
            params={"did": session.did, "name": file.filename},
            headers={"Content-Type": file.media_type},
            body=file.open,
        )
        return (yield from fetch(signed(upload, leave.token), _Status)).job

    def _request(self, verb: str, name: str, **rest: Any) -> Request:
        call = self._server.request(verb, f"app.bsky.video.{name}", **rest)
        return replace(call, url=f"{self._url}/xrpc/app.bsky.video.{name}", classify=_classify)


def _classify(operation: str, response: Response) -> PlatformError | None:
    known = response.status == 409  # the same file again: the answer names its job
    return None if known else classify(operation, response)
