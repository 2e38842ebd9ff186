namespace Samovar.Tests.Hostile;

/// <summary>What upstreams of each kind stream: a thought, a text and a call.</summary>
internal static class UpstreamSamples
{
    public static readonly string[] Chat =
    [
        """{"id":"c","model":"m1","choices":[{"index":0,"delta":{"role":"assistant","reasoning_content":"hm"},"finish_reason":null}]}""",
        """
        {"id":"c","model":"m1","choices":[{"index":0,"delta":{"content":"text"},"logprobs":{"content":[{"token":"t","logprob":-1,
         "bytes":[116],"top_logprobs":[]}]}}]}
        """,
        """
        {"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function",
         "function":{"name":"read","arguments":"{\"path\":"}}]}}]}
        """,
        """{"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"a\"}"}}]}}]}""",
        """{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls","stop_reason":null}]}""",
        """
        {"id":"c","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":6,"prompt_tokens_details":{"cached_tokens":2},
         "completion_tokens_details":{"reasoning_tokens":1}}}
        """,
    ];

    public static readonly string[] Messages =
    [
        """
        {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m1","content":[],"stop_reason":null,
         "usage":{"input_tokens":5,"cache_read_input_tokens":2,"cache_creation_input_tokens":1,"output_tokens":1}}}
        """,
        """{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}""",
        """{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}""",
        """{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"sealed"}}""",
        """{"type":"content_block_stop","index":0}""",
        """{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}""",
        """{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"text"}}""",
        """{"type":"content_block_stop","index":1}""",
        """{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_1","name":"read","input":{}}}""",
        """{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"path\":\"a\"}"}}""",
        """{"type":"content_block_stop","index":2}""",
        """{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":6}}""",
        """{"type":"message_stop"}""",
    ];

    public static readonly string[] Responses =
    [
        """{"type":"response.created","sequence_number":0,"response":{"id":"resp_u","model":"m1","status":"in_progress","output":[]}}""",
        """
        {"type":"response.output_item.added","output_index":0,"item":{"type":"reasoning","id":"rs_1","summary":[]}}
        """,
        """
        {"type":"response.reasoning_summary_text.delta","item_id":"rs_1","output_index":0,"summary_index":0,"delta":"hm"}
        """,
        """
        {"type":"response.output_item.done","output_index":0,"item":{"type":"reasoning","id":"rs_1",
         "summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":"sealed"}}
        """,
        """
        {"type":"response.output_item.added","output_index":1,"item":{"type":"web_search_call","id":"ws_1","status":"in_progress"}}
        """,
        """{"type":"response.web_search_call.searching","item_id":"ws_1","output_index":1,"x":{"y":["z"]}}""",
        """
        {"type":"response.output_item.done","output_index":1,"item":{"type":"web_search_call","id":"ws_1","status":"completed",
         "action":{"type":"search","query":"q"}}}
        """,
        """
        {"type":"response.output_item.added","output_index":2,"item":{"type":"message","id":"msg_1","role":"assistant",
         "status":"in_progress","content":[]}}
        """,
        """
        {"type":"response.output_text.delta","item_id":"msg_1","output_index":2,"content_index":0,"delta":"text","logprobs":[]}
        """,
        """
        {"type":"response.output_text.annotation.added","item_id":"msg_1","output_index":2,"content_index":0,"annotation_index":0,
         "annotation":{"type":"url_citation","url":"u","title":"t"}}
        """,
        """
        {"type":"response.output_item.done","output_index":2,"item":{"type":"message","id":"msg_1","role":"assistant",
         "status":"completed","content":[{"type":"output_text","text":"text","annotations":[]}]}}
        """,
        """
        {"type":"response.output_item.added","output_index":3,"item":{"type":"function_call","id":"fc_1","call_id":"call_1",
         "name":"read","arguments":"","status":"in_progress"}}
        """,
        """{"type":"response.function_call_arguments.delta","item_id":"fc_1","output_index":3,"delta":"{\"path\":\"a\"}"}""",
        """
        {"type":"response.output_item.done","output_index":3,"item":{"type":"function_call","id":"fc_1","call_id":"call_1",
         "name":"read","arguments":"{\"path\":\"a\"}","status":"completed"}}
        """,
        """
        {"type":"response.completed","response":{"id":"resp_u","model":"m1","status":"completed","output":[],"usage":{"input_tokens":5,
         "input_tokens_details":{"cached_tokens":2},"output_tokens":6,"output_tokens_details":{"reasoning_tokens":1},"total_tokens":11}}}
        """,
    ];
}
