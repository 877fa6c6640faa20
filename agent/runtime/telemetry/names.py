"""Names of OpenTelemetry's conventions for generative AI, which are still in development: all of them stand here."""

from typing import Final

OPERATION: Final = "gen_ai.operation.name"
PROVIDER: Final = "gen_ai.provider.name"
AGENT: Final = "gen_ai.agent.name"
AGENT_VERSION: Final = "gen_ai.agent.version"
CONVERSATION: Final = "gen_ai.conversation.id"
REQUEST_MODEL: Final = "gen_ai.request.model"
RESPONSE_MODEL: Final = "gen_ai.response.model"
FINISH_REASONS: Final = "gen_ai.response.finish_reasons"
INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
CACHED_TOKENS: Final = "gen_ai.usage.cache_read.input_tokens"
INPUT_MESSAGES: Final = "gen_ai.input.messages"
OUTPUT_MESSAGES: Final = "gen_ai.output.messages"
TOOL: Final = "gen_ai.tool.name"
TOOL_TYPE: Final = "gen_ai.tool.type"
TOOL_CALL: Final = "gen_ai.tool.call.id"
TOOL_ARGUMENTS: Final = "gen_ai.tool.call.arguments"
TOOL_RESULT: Final = "gen_ai.tool.call.result"
ERROR: Final = "error.type"

# ours, where the conventions have no name
STATUS: Final = "plumbline.run.status"
OUTCOME: Final = "plumbline.report.outcome"
STEP: Final = "plumbline.step"
ROLE: Final = "plumbline.role"
COST: Final = "plumbline.cost"

INVOKE_AGENT: Final = "invoke_agent"
CHAT: Final = "chat"
EXECUTE_TOOL: Final = "execute_tool"

FINISHED: Final = {"calls": "tool_call", "filtered": "content_filter", "unavailable": "error"}
"""Our names of why a reply ended, where the conventions' are others."""

PROVIDERS: Final = {"embedded": "llama.cpp", "person": "person"}
"""By the names of models; every other one is behind OpenAI's interface."""
