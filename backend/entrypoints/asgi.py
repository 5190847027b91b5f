"""The whole HTTP application."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import cast

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from backend.clock import Clock, system_clock
from backend.entrypoints.access_log import AccessLog
from backend.entrypoints.addresses import public_url
from backend.entrypoints.bootstrap import Parts, build_parts, sweeps
from backend.entrypoints.calendars import build_reader, calendar_routes
from backend.entrypoints.delivering import kept_delivering
from backend.entrypoints.demo.routes import demo_routes
from backend.entrypoints.downloads import download_routes
from backend.entrypoints.gateway_reports import report_routes
from backend.entrypoints.health import health_routes
from backend.entrypoints.housekeeping import (
    flush_last,
    keep_cancelling,
    keep_flushing,
    keep_settling,
    schedule_housekeeping,
)
from backend.entrypoints.looking import Kept, kept_looking
from backend.entrypoints.outside_schedules import keep_outside_schedules
from backend.entrypoints.pages.views import Pages
from backend.entrypoints.portals import build_fer_endpoint
from backend.entrypoints.preferences import build_unsubscribe_links
from backend.entrypoints.receipts import receipt_routes
from backend.entrypoints.rights import keep_serving_rights
from backend.entrypoints.slips import slip_routes
from backend.entrypoints.tokens import identity_settings
from backend.entrypoints.unsubscribing import unsubscribe_routes
from backend.errors import Operational
from backend.lifecycle import Lifecycle
from backend.preferences.unsubscribing import UnsubscribeService
from backend.profile.contacts import Contacts
from backend.settings import Environment, Settings
from backend.sign_ins.spreading import kept_current, spread_end
from backend.slips.service import SlipService
from graphql_schema.catalogue import ErrorCatalogue, Language
from graphql_schema.documents import TrustedDocuments
from graphql_schema.explorer_page import EXPLORER_FOLDER, EXPLORER_PATH
from graphql_schema.http import EndpointOptions, GraphQL
from graphql_schema.schema import build_schema
from identity.routes import routes as identity_routes
from mobile_contracts.manifest import HOME, active_manifests, active_operations
from notifications.channels.port import Provider
from notifications.gateway_reports import Telephones
from notifications.suppression import AddressHashes
from notifications.templates import templates


def create_app(settings: Settings, clock: Clock = system_clock, lifecycle: Lifecycle | None = None) -> Starlette:
    """Build the application; nothing connects before the first request or the start of its lifespan.

    Args:
        settings: Complete ones; in development those of `backend.entrypoints.development.completed`.
        clock: What every part takes for the present.
        lifecycle: Whoever ends the process begins its drain here; by default nobody does.

    Raises:
        KeyUnusable: A key file holds another kind of key.
        ValueError: A key is missing, a manifest is malformed, or a text tells of somebody's health outside the inbox.
    """
    lifecycle = lifecycle or Lifecycle()
    templates()  # a text that cannot be used stops the start, not the first person who is told something
    parts = build_parts(settings, clock)
    catalogue = ErrorCatalogue.parse((HOME / "errors.yaml").read_text())
    is_development = settings.environment is not Environment.PRODUCTION
    endpoint = _endpoint(parts, catalogue, lifecycle, is_development=is_development)
    routes = [
        *endpoint.routes(),  # first, since routes are tried in their order
        *health_routes(parts.database, lifecycle),
        *_pages(settings, catalogue, is_development=is_development),
        *_identity(parts, catalogue),
        *download_routes(parts.rights.downloads, catalogue.message),
        *receipt_routes(parts.rights.erasures),
        *calendar_routes(
            build_reader(settings, clock, parts.database, parts.access), parts.guards.throttle, catalogue.message
        ),
        *_slips(parts, catalogue),
        *_unsubscribing(parts),
        *_portals(parts),
        *report_routes(parts.database, clock, _report_secrets(settings), _telephones(settings)),
    ]
    if is_development:
        routes += demo_routes(parts)
        routes.append(Mount(EXPLORER_PATH, StaticFiles(directory=EXPLORER_FOLDER, check_dir=False)))
    app = Starlette(routes=routes, middleware=[Middleware(AccessLog)], lifespan=_lifespan(parts, endpoint))
    app.state.database = parts.database  # for whoever watches what the application asks of it
    app.state.graphql = endpoint  # likewise
    return app


def _telephones(settings: Settings) -> Telephones:
    return Telephones(Contacts(), AddressHashes(settings.notifications.preferences.secret.encode()))


def _report_secrets(settings: Settings) -> dict[Provider, str]:
    """Return by gateway what it signs its reports with."""
    given = settings.notifications
    secrets = {Provider.SMS_GATEWAY: given.sms.report_secret}
    if given.sms_reserve is not None:
        secrets[Provider.SMS_RESERVE] = given.sms_reserve.report_secret
    return secrets


def _endpoint(parts: Parts, catalogue: ErrorCatalogue, lifecycle: Lifecycle, *, is_development: bool) -> GraphQL:
    settings = parts.settings
    trusted_only = settings.trusted_documents_only
    return GraphQL(
        build_schema(),
        EndpointOptions(
            public_url=public_url(settings),
            limits=settings.graphql,
            trusted_documents_only=not is_development if trusted_only is None else trusted_only,
            development=is_development,
            allowed_origins=settings.graphql.allowed_origins,
        ),
        services=parts.services,
        catalogue=catalogue,
        clock=parts.clock,
        authenticate=parts.guards.admission.admit,
        follow=parts.guards.admission.live.follow,
        documents=TrustedDocuments(manifest.model_dump() for manifest in active_manifests()),
        budget=parts.budget,
        lifecycle=lifecycle,
        around=parts.around,
    )


def _identity(parts: Parts, catalogue: ErrorCatalogue) -> list[BaseRoute]:
    def message(code: str, language: str) -> str:
        return catalogue.message(code, cast("Language", language))

    return identity_routes(
        transaction=parts.database.transaction,
        esia=parts.esia,
        tokens=parts.tokens,
        directory=parts.directory,
        clock=parts.clock,
        settings=identity_settings(parts.settings),
        message=message,
        guards=parts.guards,
        ended=lambda person_id: spread_end(parts.signals, person_id),
        watcher=parts.watcher,
        unavailable=(Operational,),
    )


def _slips(parts: Parts, catalogue: ErrorCatalogue) -> list[BaseRoute]:
    slips = SlipService(appointments=parts.services.appointments, profile=parts.services.profile)
    admit = parts.guards.admission.admit
    return slip_routes(slips, admit, catalogue.message, public_url=public_url(parts.settings))


def _unsubscribing(parts: Parts) -> list[BaseRoute]:
    links = build_unsubscribe_links(parts.settings)
    service = UnsubscribeService(database=parts.database, clock=parts.clock, links=links)
    return unsubscribe_routes(service, parts.guards.throttle)


def _portals(parts: Parts) -> list[BaseRoute]:
    return build_fer_endpoint(
        parts.settings,
        parts.clock,
        parts.database,
        parts.access,
        parts.services,
        admission=parts.guards.admission,
        public_url=public_url(parts.settings),
    ).routes()


def _pages(settings: Settings, catalogue: ErrorCatalogue, *, is_development: bool) -> list[BaseRoute]:
    return Pages(
        catalogue=catalogue,
        public_url=public_url(settings),
        demo=is_development,
        operations=tuple(active_operations().values()),
    ).routes()


def _delivering(parts: Parts) -> AbstractAsyncContextManager[None]:
    """Send inside this process, where the settings want it."""
    settings = parts.settings.notifications
    if not settings.delivery.in_server:
        return nullcontext()
    links = build_unsubscribe_links(parts.settings)
    return kept_delivering(settings, parts.clock, parts.database, parts.signals, links, patience_seconds=1.0)


def _lifespan(parts: Parts, endpoint: GraphQL) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        housekeeping = schedule_housekeeping(parts.database, parts.clock, sweeps())
        keep_flushing(housekeeping, parts.database, parts.own_accesses)
        keep_settling(housekeeping, parts.services.appointments.outside)
        keep_cancelling(housekeeping, parts.services.reception.cancellations.items)
        if (outside := parts.settings.fer_registry).schedules_kept:
            keep_outside_schedules(housekeeping, parts.outside_schedules.sync, every_seconds=outside.schedule_seconds)
        keep_serving_rights(housekeeping, parts.rights)
        housekeeping.start()
        try:
            if parts.settings.graphql.prepare_at_start:
                endpoint.warm()
            services = parts.services
            offering = Kept("waiting_list", services.waiting_list.offering.look, seconds=10, jitter=1)
            queues = Kept("release_queues", services.release_queues.queue_look.look, seconds=2)  # a turn lasts minutes
            looking = [kept_looking(housekeeping, one, parts.signals) for one in (offering, queues)]
            live = kept_current(parts.guards.admission.live, parts.signals)
            async with live, _delivering(parts), looking[0], looking[1]:
                yield
        finally:
            housekeeping.shutdown(wait=False)
            await flush_last(parts.database, parts.own_accesses)
            await parts.close()

    return lifespan
