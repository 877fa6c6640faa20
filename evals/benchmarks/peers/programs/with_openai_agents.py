"""The OpenAI Agents SDK over chat completions; durable with a ``SQLiteSession`` for each run."""

import playing
from agents import Agent, OpenAIChatCompletionsModel, Runner, SQLiteSession, function_tool, set_tracing_disabled
from openai import AsyncOpenAI


def main() -> None:
    """Play what is ordered."""
    set_tracing_disabled(True)
    order = playing.ordered()
    tools = playing.Tools(order)
    client = AsyncOpenAI(base_url=order.url, api_key="none", max_retries=0)
    agent = Agent(
        name="benchmark",
        instructions=order.system,
        model=OpenAIChatCompletionsModel("scripted", client),
        tools=[function_tool(tools.read_file), function_tool(tools.calc)],
    )

    async def session(number: int) -> str:
        kept = SQLiteSession(str(number), order.database) if order.durable else None
        result = await Runner.run(agent, order.goal, session=kept, max_turns=playing.STEPS)
        if kept is not None:
            kept.close()
        return str(result.final_output)

    playing.play(order, tools, session, ("openai-agents", "openai"))


main()
