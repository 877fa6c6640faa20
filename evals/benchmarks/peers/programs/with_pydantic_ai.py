"""Pydantic AI; durable with its capability for DBOS, over SQLite."""

import playing
from openai import AsyncOpenAI
from pydantic_ai import Agent, UsageLimits
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider


def main() -> None:
    """Play what is ordered."""
    order = playing.ordered()
    tools = playing.Tools(order)
    client = AsyncOpenAI(base_url=order.url, api_key="none", max_retries=0)
    agent = Agent(
        OpenAIChatModel("scripted", provider=OpenAIProvider(openai_client=client)),
        name="benchmark",
        system_prompt=order.system,
        tools=[tools.read_file, tools.calc],
        retries=0,
    )

    async def session(number: int) -> str:
        result = await agent.run(order.goal, usage_limits=UsageLimits(request_limit=None))
        return str(result.output)

    playing.play(order, tools, session, ("pydantic-ai-slim", "openai"))


main()
