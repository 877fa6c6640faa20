"""LangChain's ``create_agent``; durable with ``AsyncSqliteSaver``, in LangGraph's default mode ``async``."""

import asyncio
import contextlib

import playing
from langchain.agents import create_agent
from langchain.tools import tool
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver


async def main() -> None:
    """Play what is ordered."""
    order = playing.ordered()
    tools = playing.Tools(order)
    model = ChatOpenAI(model="scripted", base_url=order.url, api_key="none", max_retries=0, use_responses_api=False)
    async with contextlib.AsyncExitStack() as stack:
        saver = None
        if order.durable:
            saver = await stack.enter_async_context(AsyncSqliteSaver.from_conn_string(order.database))
        agent = create_agent(
            model,
            [tool(tools.read_file), tool(tools.calc)],
            system_prompt=order.system,
            checkpointer=saver,
        )

        async def session(number: int) -> str:
            config = {"configurable": {"thread_id": str(number)}, "recursion_limit": playing.STEPS}
            state = await agent.ainvoke({"messages": [("user", order.goal)]}, config)
            return str(state["messages"][-1].content)

        packages = ("langchain", "langchain-openai", "langgraph", "langgraph-checkpoint-sqlite", "openai")
        await playing.played(order, tools, session, packages)


asyncio.run(main())
