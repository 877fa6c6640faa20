"""smolagents' ``ToolCallingAgent``, which has no durable mode; it is synchronous and ends by a call of a tool."""

import playing
from smolagents import LogLevel, OpenAIModel, ToolCallingAgent, tool


def main() -> None:
    """Play what is ordered."""
    order = playing.ordered()
    tools = playing.Tools(order)

    # the library builds its tools from the source of plain functions
    def read_file(path: str) -> str:
        """Read a text file of the workspace.

        Args:
            path: the path of the file
        """
        return str(tools.read_file(path))

    def calc(expression: str) -> str:
        """Evaluate an arithmetic expression.

        Args:
            expression: the expression
        """
        return str(tools.calc(expression))

    model = OpenAIModel("scripted", api_base=order.url, api_key="none", client_kwargs={"max_retries": 0}, retry=False)
    agent = ToolCallingAgent(
        [tool(read_file), tool(calc)],
        model,
        instructions=order.system,
        max_steps=playing.STEPS,
        verbosity_level=LogLevel.OFF,
    )

    async def session(number: int) -> str:
        return str(agent.run(order.goal))

    playing.play(order, tools, session, ("smolagents", "openai"))


main()
