"""What every pretend provider is: routes, a key, a dialect for each trouble, and a price list.

A new wire is one file with a subclass of Service: `routes`, `authorise`, `refuse`, `missing_path`.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar

from genmedia_exporter.demo.faults import GENERATION_KINDS, UNIVERSAL_KINDS
from genmedia_exporter.demo.jobs import Job, State, View
from genmedia_exporter.demo.media import file_response, make_mp4
from genmedia_exporter.demo.message import Request, Response, html_response, with_headers
from genmedia_exporter.demo.services.call import KEY, Call, Model, Role, Route, Shared, bearer
from genmedia_exporter.demo.transport import Fault

__all__ = ["KEY", "PAGE", "Call", "Model", "Role", "Route", "Service", "Shared", "bearer"]

LONGEST_NAME = 200
CUT_AT = 200
PAGE = "<!doctype html><html><body>The file is somewhere else now.</body></html>"

SCOPES: Mapping[str, frozenset[Role]] = {
    "all": frozenset({Role.LIST, Role.MODEL, Role.ACCOUNT, Role.CREATE, Role.POLL}),
    "model": frozenset({Role.MODEL, Role.CREATE}),
    "create": frozenset({Role.CREATE}),
    "valid_create": frozenset(),
}
USUAL_SCOPES = {"retired": "model", "unlisted": "model", "no_entitlement": "model"}


class Service:
    """One pretend provider. Subclasses know one wire and its dialect."""

    says: ClassVar[str] = ""
    base_path: ClassVar[str] = "/v1"
    key_style: ClassVar[str] = "Authorization: Bearer demo-key"
    refusals: ClassVar[Collection[str]] = ()
    scopes: ClassVar[Mapping[str, str]] = {}
    cannot: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, name: str, models: Sequence[Model], shared: Shared) -> None:
        self.name = name
        self.models = tuple(models)
        self.shared = shared
        self._routes = self.routes()

    def routes(self) -> tuple[Route, ...]:
        """The calls that this wire has; the first that matches answers."""
        raise NotImplementedError

    def authorise(self, call: Call) -> Response | None:
        """None for the right key, otherwise the vendor's refusal."""
        raise NotImplementedError

    def refuse(self, kind: str, call: Call) -> Response:
        """How this vendor says that trouble."""
        raise NotImplementedError

    def missing_path(self, call: Call) -> Response:
        """How this vendor answers a path that it does not have."""
        raise NotImplementedError

    def stamp(self) -> Mapping[str, str]:
        """Headers that show the vendor's own application answered."""
        return {"x-request-id": f"req_{self.shared.environment.fresh_id()}"}

    @property
    def kinds(self) -> frozenset[str]:
        """The fault kinds that this service can show."""
        return UNIVERSAL_KINDS | frozenset(self.refusals) | (GENERATION_KINDS - self.cannot)

    def answer(self, request: Request, fault: Fault | None) -> Response:
        """The answer to one request while that fault is in force."""
        return with_headers(self._answer(request, fault), self.stamp())

    def _answer(self, request: Request, fault: Fault | None) -> Response:
        for route in self._routes:
            captured = route.match(request)
            if captured is None:
                continue
            call = Call(request, fault, captured)
            denied = self._denied(call) if route.keyed else None
            return denied or self._refusal(call, route.role) or route.action(call)
        call = Call(request, fault, {})
        return self.authorise(call) or self.missing_path(call)

    def role_of(self, request: Request) -> Role | None:
        """What a request is for; None for a path that this wire does not have."""
        return next(
            (route.role for route in self._routes if route.match(request) is not None), None
        )

    def _denied(self, call: Call) -> Response | None:
        # A revoked key opens nothing, whatever the call is for.
        revoked = call.fault is not None and call.fault.kind == "invalid_key"
        partly = call.fault_option("scope") or call.fault_option("model")
        plain = revoked and not partly
        return self.refuse("invalid_key", call) if plain else self.authorise(call)

    def _refusal(self, call: Call, role: Role) -> Response | None:
        if call.fault is None or call.fault.kind not in self.refusals:
            return None
        if role not in SCOPES[self.scope(call.fault)] or not self.concerned(call, role):
            return None
        return self.refuse(call.fault.kind, call)

    def scope(self, fault: Fault) -> str:
        """Which calls show the fault: as asked for, or as is usual at this vendor."""
        usual = self.scopes.get(fault.kind, USUAL_SCOPES.get(fault.kind, "all"))
        return fault.text("scope") or usual

    def concerned(self, call: Call, role: Role) -> bool:
        """Whether the fault is about the model that the call is about."""
        only = call.fault_option("model")
        named = role in (Role.MODEL, Role.CREATE)
        return not only or (named and only == self.model_of(call))

    def late_refusal(self, call: Call) -> Response | None:
        """The refusal that this vendor decides only once a create has passed validation."""
        fault = call.fault
        if fault is None or fault.kind not in self.refusals:
            return None
        late = self.scope(fault) == "valid_create" and self.concerned(call, Role.CREATE)
        return self.refuse(fault.kind, call) if late else None

    def trouble(self, call: Call, model: str = "") -> str:
        """The kind of the fault in force for that model (default: the call's), or nothing."""
        if call.fault is None:
            return ""
        only = call.fault.text("model")
        return call.fault.kind if not only or only == (model or self.model_of(call)) else ""

    def model_of(self, call: Call) -> str:
        """The model that the call names, or the service's first."""
        named = call.captured.get("model") or call.text("model") or self.models[0].id
        return named[:LONGEST_NAME]

    def find_model(self, name: str) -> Model | None:
        """The model of that id, if it is on sale here."""
        return next((model for model in self.models if model.id == name), None)

    def listed(self, call: Call) -> list[Model]:
        """The models that a list shows now."""
        gone = ("retired", "unlisted")
        return [model for model in self.models if self.trouble(call, model.id) not in gone]

    def start_job(
        self,
        call: Call,
        model: Model,
        usd: float,
        *,
        prompt: str,
        seconds: float,
        size: tuple[int, int],
        prefix: str = "",
    ) -> Job:
        """Accept a generation and charge for it."""
        self.shared.ledger.charge(self.name, usd)
        job_id = prefix + self.shared.environment.fresh_id()
        return self.shared.jobs.start(
            self.name, job_id, model=model.id, prompt=prompt, seconds=seconds, size=size
        )

    def find_job(self, call: Call) -> Job | None:
        """The job that the path names; None when unknown, or lost by a fault."""
        job = self.shared.jobs.find(self.name, call.captured.get("id", ""))
        return None if job and self.trouble(call, job.model) == "job_lost" else job

    def look(self, call: Call, job: Job) -> View:
        """Where the job is now, as the fault in force would have it."""
        kind = self.trouble(call, job.model)
        view = self.shared.jobs.view(job)
        if job.fate is not None:
            return view
        if kind in _HELD:
            return _HELD[kind]
        if kind in _FATES and view.state is State.SUCCEEDED:
            job.fate = _FATES[kind]
            return View(job.fate, 100)
        return view

    def video_file(self, call: Call, job: Job) -> Response:
        """The job's video, or whatever the fault in force puts in its place."""
        kind = self.trouble(call, job.model)
        if kind == "asset_missing":
            return self.missing_file(call)
        if kind == "asset_html":
            return html_response(200, PAGE)
        data = make_mp4(job.seconds, job.width, job.height, blank=kind == "asset_blank")
        if kind == "asset_truncated":
            data = data[:CUT_AT]
        return file_response(data, "video/mp4", call.request.header("range"))

    def missing_file(self, call: Call) -> Response:
        """How the store says that a file is not there; most vendors sit on an S3."""
        body = b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>"
        return Response(404, body, "application/xml")

    def public_file(self, call: Call) -> Response:
        """A file under a link that needs no key, as stores with signed links serve it."""
        job = self.shared.jobs.find(self.name, call.captured.get("id", ""))
        return self.missing_file(call) if job is None else self.video_file(call, job)

    def link(self, call: Call, path: str) -> str:
        """An absolute address below this service, as the client reached it."""
        return f"{call.request.origin}/{self.name}{path}"


_HELD = {
    "job_stuck": View(State.RUNNING, 42),
    "job_queued_forever": View(State.QUEUED, 0),
    "job_unknown_word": View(State.ODD, 42),
}
_FATES = {"job_fails": State.FAILED, "moderated": State.MODERATED}
