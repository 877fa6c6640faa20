"""Pydantic AI with its capability for DBOS: each model call is a step of a workflow, recorded in SQLite."""

import playing
from dbos import DBOS
from openai import AsyncOpenAI
from pydantic_ai import Agent, UsageLimits
from pydantic_ai.durable_exec.dbos import DBOSDurability
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider


def main() -> None:
    """Play what is ordered."""
    order = playing.ordered()
    tools = playing.Tools(order)
    client = AsyncOpenAI(base_url=order.url, api_key="none", max_retries=0)
    database = f"sqlite:///{order.database}"
    DBOS(config={"name": "benchmark", "system_database_url": database, "enable_otlp": False, "log_level": "ERROR"})
    agent = Agent(
        OpenAIChatModel("scripted", provider=OpenAIProvider(openai_client=client)),
        name="benchmark",
        system_prompt=order.system,
        tools=[tools.read_file, tools.calc],
        retries=0,
        capabilities=[DBOSDurability()],
    )

    async def work(goal: str) -> str:
        return str((await agent.run(goal, usage_limits=UsageLimits(request_limit=None))).output)

    workflow = DBOS.workflow()(work)
    DBOS.launch()

    async def session(number: int) -> str:
        return str(await workflow(order.goal))

    try:
        playing.play(order, tools, session, ("pydantic-ai-slim", "dbos", "openai"))
    finally:
        DBOS.destroy()


main()
