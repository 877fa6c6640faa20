"""Finding the right one among several hundred tools: a catalogue made up after real services, and tasks in other words.

The tools are 24 services with four things each and four actions on each thing. The tasks were written before anything
was measured, as a person would put them: some use the words of the right tool, most do not.
"""

import time
from collections.abc import Sequence

from agent.domain.base import Fact
from agent.domain.messages import ToolSpec
from agent.memory.tool_index import Embedder, ToolIndex

_SERVICES = {
    "github": ("a code hosting service", ("issue", "pull_request", "branch", "release")),
    "jira": ("a tracker of work items", ("ticket", "sprint", "board", "comment")),
    "slack": ("a team chat", ("message", "channel", "reaction", "reminder")),
    "gmail": ("electronic mail", ("email", "draft", "label", "attachment")),
    "calendar": ("a calendar", ("event", "invitation", "calendar", "availability")),
    "drive": ("cloud file storage", ("file", "folder", "permission", "revision")),
    "notion": ("a wiki", ("page", "database", "block", "template")),
    "salesforce": ("customer relations", ("lead", "opportunity", "account", "contact")),
    "stripe": ("card payments", ("charge", "refund", "subscription", "invoice")),
    "shopify": ("an online shop", ("product", "order", "discount", "customer")),
    "zendesk": ("customer support", ("case", "macro", "satisfaction_rating", "agent")),
    "aws_ec2": ("virtual machines", ("instance", "volume", "security_group", "key_pair")),
    "aws_s3": ("object storage", ("bucket", "object", "lifecycle_rule", "access_policy")),
    "kubernetes": ("container orchestration", ("deployment", "pod", "secret", "ingress")),
    "datadog": ("monitoring", ("metric", "alert", "dashboard", "log_query")),
    "pagerduty": ("on-call duty", ("incident", "schedule", "escalation_policy", "service")),
    "postgres": ("a relational database", ("table", "row", "index", "role")),
    "twilio": ("telephony", ("sms", "call", "phone_number", "recording")),
    "maps": ("geographic data", ("route", "place", "address", "traffic_report")),
    "weather": ("weather data", ("forecast", "observation", "warning", "station")),
    "spotify": ("music", ("playlist", "track", "album", "artist")),
    "hubspot": ("marketing", ("campaign", "form", "landing_page", "mailing_list")),
    "workday": ("human resources", ("employee", "absence_request", "payslip", "job_posting")),
    "quickbooks": ("bookkeeping", ("expense", "vendor", "bill", "tax_report")),
}
_ACTIONS = {
    "create": "Create a new {thing} in {service}, {what}.",
    "list": "List each {thing} of {service}, {what}, that matches a filter.",
    "update": "Change the fields of an existing {thing} in {service}, {what}.",
    "delete": "Delete a {thing} from {service}, {what}, for good.",
}
TASKS = {
    "Open a new issue on GitHub about the crash": "github__create_issue",
    "Show me which pull requests are open": "github__list_pull_request",
    "Remove the old feature branch from the repository": "github__delete_branch",
    "Publish version 2.0 of our library on the code host": "github__create_release",
    "File a ticket for the login bug": "jira__create_ticket",
    "What is planned for the current sprint?": "jira__list_sprint",
    "Edit my comment on the work item": "jira__update_comment",
    "Post a message to the team chat": "slack__create_message",
    "Remind everyone on Slack tomorrow at nine": "slack__create_reminder",
    "Make a new channel for the launch": "slack__create_channel",
    "Write a mail draft to Ms Weber": "gmail__create_draft",
    "Get rid of the label 'newsletter' in my mail": "gmail__delete_label",
    "Which attachments did I receive this week?": "gmail__list_attachment",
    "Book a meeting on Thursday": "calendar__create_event",
    "When is Anna free next week?": "calendar__list_availability",
    "Move the appointment to Friday": "calendar__update_event",
    "Share the spreadsheet in the cloud storage with Tom by giving him permission": "drive__create_permission",
    "What folders do we have in the drive?": "drive__list_folder",
    "Add a page about onboarding to the wiki": "notion__create_page",
    "Give the customer their money back": "stripe__create_refund",
    "Cancel the subscription of a paying user": "stripe__delete_subscription",
    "Bill the client for card payments with an invoice": "stripe__create_invoice",
    "Put a 20 percent discount into the shop": "shopify__create_discount",
    "Which orders came in at the online shop today?": "shopify__list_order",
    "Register a sales lead": "salesforce__create_lead",
    "Change the phone number of a business contact in the CRM": "salesforce__update_contact",
    "How satisfied were customers with support?": "zendesk__list_satisfaction_rating",
    "Start a virtual machine": "aws_ec2__create_instance",
    "Which servers are running in the cloud?": "aws_ec2__list_instance",
    "Attach more disk space to a VM by adding a volume": "aws_ec2__create_volume",
    "Make a storage bucket for backups": "aws_s3__create_bucket",
    "Roll out the new container image by updating the deployment": "kubernetes__update_deployment",
    "Which pods are crashing?": "kubernetes__list_pod",
    "Warn us when CPU use passes 90 percent": "datadog__create_alert",
    "Who is on call this weekend?": "pagerduty__list_schedule",
    "Declare an outage to whoever is on duty": "pagerduty__create_incident",
    "Speed up the slow query with an index": "postgres__create_index",
    "Drop the table of old sessions": "postgres__delete_table",
    "Text the courier that we are late": "twilio__create_sms",
    "How do I drive from Ulm to Bern?": "maps__create_route",
    "Are there traffic jams on the A8?": "maps__list_traffic_report",
    "Will it rain in Lyon tomorrow?": "weather__list_forecast",
    "Is there a storm warning for the coast?": "weather__list_warning",
    "Put together a playlist for the party": "spotify__create_playlist",
    "Send the spring promotion to the mailing list as a campaign": "hubspot__create_campaign",
    "Ask for two weeks of vacation": "workday__create_absence_request",
    "Where is my salary statement for March?": "workday__list_payslip",
    "Enter the taxi receipt as an expense": "quickbooks__create_expense",
}
"""What somebody wants, and the one tool that does it."""


class Recall(Fact):
    """Of how many tasks the right tool is among the first so many, and what a query costs."""

    by: str
    tools: int
    tasks: int
    at: dict[int, float]
    first_ms: float
    query_ms: float
    missed: tuple[str, ...]


def catalogue() -> list[ToolSpec]:
    """Return the tools."""
    return [
        ToolSpec(
            name=f"{service}__{action}_{thing}",
            description=text.format(thing=thing.replace("_", " "), service=service.replace("_", " "), what=what),
            parameters=_parameters(action, thing),
        )
        for service, (what, things) in _SERVICES.items()
        for thing in things
        for action, text in _ACTIONS.items()
    ]


async def recall(embedder: Embedder | None = None, cuts: Sequence[int] = (1, 5, 10, 20, 30)) -> Recall:
    """Measure how often the right tool is found; ``first_ms`` is the time to build the index and ask it once."""
    tools = catalogue()
    start = time.perf_counter()
    index = ToolIndex(tools, embedder)
    await index.search("anything", limit=1)
    built, ranks, by = time.perf_counter(), {}, ""
    for task, wanted in TASKS.items():
        ranking = await index.search(task, limit=len(tools))
        by = ranking.by
        ranks[task] = ranking.names.index(wanted) if wanted in ranking.names else len(tools)
    ended = time.perf_counter()
    return Recall(
        by=by,
        tools=len(tools),
        tasks=len(TASKS),
        at={cut: sum(rank < cut for rank in ranks.values()) / len(ranks) for cut in cuts},
        first_ms=(built - start) * 1000,
        query_ms=(ended - built) * 1000 / len(TASKS),
        missed=tuple(task for task, rank in ranks.items() if rank >= max(cuts)),
    )


def _parameters(action: str, thing: str) -> dict[str, object]:
    name = {"type": "string", "description": f"Id of the {thing.replace('_', ' ')}."}
    match action:
        case "create":
            properties: dict[str, object] = {"fields": {"type": "object", "description": "What it shall hold."}}
        case "list":
            properties = {"filter": {"type": "string", "description": "Which ones."}, "limit": {"type": "integer"}}
        case "update":
            properties = {"id": name, "fields": {"type": "object", "description": "What to change."}}
        case _:
            properties = {"id": name}
    return {"type": "object", "properties": properties}
