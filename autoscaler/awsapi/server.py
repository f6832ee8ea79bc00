"""The endpoint over HTTP: requests of AWS clients, and a few orders to the simulation itself."""

from collections.abc import Mapping
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from aiohttp import web

from autoscaler.awsapi import query, rest
from autoscaler.awsapi.actions import LoadOf, table, unknown
from autoscaler.awsapi.faults import Fault
from autoscaler.awsapi.models import CLOUDWATCH, PI, RDS, STS, operation, service_model
from autoscaler.awsapi.moods import Moods
from autoscaler.awsapi.rpc import CBOR, JSON_1_0, JSON_1_1, Form
from autoscaler.awsapi.schedules import fire_due
from autoscaler.awsapi.world import World
from autoscaler.errors import InvalidInput
from autoscaler.registry import build

SERVICES = {"2014-10-31": RDS, "2010-08-01": CLOUDWATCH, "2011-06-15": STS}
# What requests call a service, and how it writes JSON.
TARGETS = {"GraniteServiceVersion20100801": (CLOUDWATCH, JSON_1_0), "PerformanceInsightsv20180227": (PI, JSON_1_1)}
XML = "text/xml"
LARGEST_BODY = 2 * 1024**2
# Whoever calls waits for so much of the world's life at most: about a tenth of a second.
STEPS_FOR_A_CALL = 5000


class Endpoint:
    """Answers for one world."""

    def __init__(self, world: World, *, load_of: LoadOf) -> None:
        self._world = world
        self._actions = table(load_of)

    def app(self) -> web.Application:
        """The application to serve."""
        app = web.Application(client_max_size=LARGEST_BODY)
        app.on_response_prepare.append(self._date)
        app.router.add_post("/", self.answer)
        app.router.add_post("/service/{target}/operation/{name}", self.answer)
        app.router.add_route("*", "/schedules/{name}", self.schedule)
        app.router.add_put("/_simulator/moods", self.set_moods)
        app.router.add_post("/_simulator/clusters/{name}/connect", self.connect)
        return app

    async def _date(self, _: web.Request, response: web.StreamResponse) -> None:
        """By the clock of AWS."""
        skew = timedelta(seconds=self._world.gate.moods.skew_seconds)
        if skew:
            response.headers["Date"] = format_datetime(
                parsedate_to_datetime(response.headers["Date"]) + skew, usegmt=True
            )

    async def answer(self, request: web.Request) -> web.Response:
        """One call of an AWS client, in the protocol it speaks."""
        whole = await self._answer(request)
        if self._world.gate.tears() and isinstance(whole.body, bytes):
            whole.body = whole.body[: len(whole.body) // 2]
        return whole

    async def _answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        number = str(uuid4())
        headers = {"x-amzn-RequestId": number}
        target, _, name = request.headers.get("X-Amz-Target", "").rpartition(".")
        if target:
            return self._answer_document(target, name, None, body, headers)
        if path := request.match_info:
            return self._answer_document(path["target"], path["name"], CBOR, body, {**headers, **CBOR.headers})
        try:
            return web.Response(body=self._answer_query(body, number), content_type=XML, headers=headers)
        except Fault as fault:
            told = query.render_fault(fault, number)
            return web.Response(body=told, status=fault.status, content_type=XML, headers=headers)

    def _answer_query(self, body: bytes, number: str) -> bytes:
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        service = SERVICES.get(form.get("Version", ""))
        if service is None:
            raise Fault("InvalidAction", f"There is no API of version '{form.get('Version', '')}' here.")
        name = form.get("Action", "")
        model = operation(service, name)
        if model is None:
            raise unknown(service, name)
        return query.render(model, self._do(service, name, query.parse(model.input_shape, form)), number)

    def _answer_document(
        self, target: str, name: str, form: Form | None, body: bytes, headers: Mapping[str, str]
    ) -> web.Response:
        service, usual = TARGETS.get(target, (target, JSON_1_0))
        form = form or usual
        try:
            model = operation(service, name) if target in TARGETS else None
            if model is None:
                raise unknown(service, name)
            told = form.render(self._do(service, name, form.parse(model.input_shape, body)))
        except Fault as fault:
            blame = "Sender" if fault.status < HTTPStatus.INTERNAL_SERVER_ERROR else "Receiver"
            headers = {**headers, "x-amzn-query-error": f"{fault.code};{blame}"}
            told = form.render_fault(fault)
            return web.Response(body=told, status=fault.status, content_type=form.media_type, headers=headers)
        return web.Response(body=told, content_type=form.media_type, headers=headers)

    def _do(self, service: str, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
        action = self._actions.get((service, name))
        if action is None:
            raise unknown(service, name)
        self._world.gate.admit(f"{service}:{name}")
        self._world.live(most_steps=STEPS_FOR_A_CALL)
        fire_due(self._world)
        return action(self._world, given)

    async def schedule(self, request: web.Request) -> web.Response:
        """One call of EventBridge Scheduler."""
        if request.method not in rest.ACTIONS:
            raise web.HTTPMethodNotAllowed(request.method, list(rest.ACTIONS))
        return rest.answer(self._world, request.method, request.match_info["name"], await request.read())

    async def set_moods(self, request: web.Request) -> web.Response:
        """From now on these, and for the rest the usual ones."""
        try:
            self._world.gate.moods = build(Moods, await request.json(), "the moods")
        except (InvalidInput, ValueError) as problem:
            raise web.HTTPBadRequest(text=str(problem)) from None
        return web.Response(status=204)

    async def connect(self, request: web.Request) -> web.Response:
        """A client of the database tries to connect, which wakes a paused cluster."""
        self._world.live(most_steps=STEPS_FOR_A_CALL)
        cluster = self._world.clusters.get(request.match_info["name"])
        if cluster is None or cluster.simulated is None:
            raise web.HTTPNotFound(text=f"no cluster named '{request.match_info['name']}' with a serverless instance")
        cluster.simulated.knock()
        return web.Response(status=204)


def load_models() -> None:
    """Read the services' models before the first call, which they would keep waiting for a second."""
    for service in (RDS, CLOUDWATCH, STS, PI):
        service_model(service)
