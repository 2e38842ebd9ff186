namespace Samovar.Tests.Hostile;

/// <summary>Requests that are right, and have between them every field and every kind of item that is read.</summary>
internal static class RequestSamples
{
    private const string Schema = """
        {"type":"object","title":"t","description":"d","properties":{"path":{"type":"string","enum":["a","b"],"default":"a"},
         "count":{"type":["integer","null"],"minimum":0}},"required":["path"],"additionalProperties":false}
        """;

    private static readonly string FunctionTool = $$$"""
        {"type":"function","name":"read","description":"reads","parameters":{{{Schema}}},"strict":false}
        """;

    /// <summary>Bodies of <c>POST /v1/responses</c> that any backend takes.</summary>
    public static readonly string[] Responses =
    [
        """
        {"model":"m","input":"hi","instructions":"be brief","store":true,"max_output_tokens":16,"temperature":0.5,"top_p":0.9,"seed":7,
         "parallel_tool_calls":true,"truncation":"auto","metadata":{"key":"value","other":"text"},"prompt_cache_key":"k",
         "safety_identifier":"s","user":"u","service_tier":"auto","include":[],"reasoning":{"effort":"low","summary":"auto"},
         "text":{"format":{"type":"text"},"verbosity":"low"},"stream_id":"a","previous_response_id":null,"top_logprobs":0,
         "client_metadata":{"ws_request_header_traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
         "ws_request_header_tracestate":"a=b","x":"y"},"unknown_field":{"a":["b",1,null,true]}}
        """,
        $$$"""
        {"model":"m","input":[{"role":"user","content":"hi"}],"max_output_tokens":16,"tools":[{{{FunctionTool}}},
         {"type":"namespace","name":"fs","description":"files","tools":[{{{FunctionTool}}}]},
         {"type":"custom","name":"patch","description":"patches","format":{"type":"text"}}],"tool_choice":"auto"}
        """,
        $$$"""
        {"model":"m","max_output_tokens":16,"input":[{"type":"message","id":"msg_1","role":"system","content":"be brief"},
         {"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]},
         {"type":"message","id":"msg_2","role":"assistant","status":"completed","phase":"commentary",
          "content":[{"type":"output_text","text":"hello","annotations":[],"logprobs":[]}]},
         {"type":"function_call","id":"fc_1","call_id":"c1","name":"read","arguments":"{\"path\":\"a\"}","status":"completed"},
         {"type":"function_call_output","id":"fo_1","call_id":"c1","output":"text"},
         {"type":"function_call","call_id":"c2","name":"read","namespace":"fs","arguments":"{}"},
         {"type":"function_call_output","call_id":"c2","output":[{"type":"input_text","text":"out"}]},
         {"type":"message","role":"developer","content":"go on"}],"tools":[{{{FunctionTool}}}]}
        """,
        """
        {"model":"m","max_output_tokens":16,"input":[{"type":"message","role":"user","content":"hi"},
         {"type":"custom_tool_call","id":"ctc_1","call_id":"c1","name":"patch","input":"text"},
         {"type":"custom_tool_call_output","call_id":"c1","output":"done"},
         {"type":"shell_call","id":"sh_1","call_id":"c3","status":"completed","action":{"commands":["ls","pwd"],"timeout_ms":1000}},
         {"type":"shell_call_output","call_id":"c3","output":[{"stdout":"a","stderr":"","outcome":{"type":"exit","exit_code":0}}]},
         {"type":"local_shell_call","id":"ls_1","call_id":"ls_1","status":"completed",
          "action":{"type":"exec","command":["ls"],"env":{"A":"b"}}},
         {"type":"local_shell_call_output","id":"ls_1","output":"a"}]}
        """,
        """
        {"model":"m","max_output_tokens":16,"input":[{"type":"message","role":"user","content":"hi"},
         {"type":"apply_patch_call","call_id":"c5","status":"completed","operation":{"type":"update_file","path":"p","diff":"+a"}},
         {"type":"apply_patch_call_output","call_id":"c5","status":"completed","output":"ok"},
         {"type":"computer_call","id":"cu_1","call_id":"c6","status":"completed","action":{"type":"type","text":"a"},
          "pending_safety_checks":[]},
         {"type":"computer_call_output","call_id":"c6","output":{"type":"computer_screenshot","image_url":"http://x/a.png"}},
         {"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search","query":"q"}},
         {"type":"mcp_call","id":"mcp_1","name":"n","server_label":"l","arguments":"{}","output":"o"}]}
        """,
    ];

    /// <summary>More of them, with what not every backend takes.</summary>
    public static readonly string[] MoreResponses =
    [
        $$$"""
        {"model":"m","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"},
          {"type":"input_image","image_url":"data:image/png;base64,AAAA","detail":"auto"},
          {"type":"input_file","filename":"f","file_data":"data:application/pdf;base64,AAAA"}]},
         {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"thought"}],
          "content":[{"type":"reasoning_text","text":"raw"}],"encrypted_content":"sealed"},
         {"type":"message","role":"assistant","content":[{"type":"refusal","refusal":"no"}]},
         {"type":"additional_tools","id":"at_1","tools":[{{{FunctionTool}}}]},
         {"type":"compaction","id":"cp_1","encrypted_content":"sealed"},
         {"type":"kind_to_come","id":"k_1","a":{"b":["c"]}},
         {"type":"message","role":"user","content":"on"}],
         "tools":[{{{FunctionTool}}},{"type":"web_search","external_web_access":false,"filters":{"a":["a"]}},{"type":"custom","name":"g",
          "format":{"type":"grammar","syntax":"lark","definition":"start: \"a\""}}],
         "tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"read"}]},
         "text":{"format":{"type":"json_schema","name":"n","description":"d","schema":{{{Schema}}},"strict":true},"verbosity":"low"},
         "stop":["x","y"],"presence_penalty":0.1,"frequency_penalty":0.1,"top_k":5,"min_p":0.1,
         "max_tool_calls":3,"include":["reasoning.encrypted_content"],"prompt_cache_options":{"mode":"implicit"}}
        """,
    ];

    /// <summary>Bodies of <c>POST /v1/chat/completions</c>.</summary>
    public static readonly string[] Chat =
    [
        $$$"""
        {"model":"m","max_completion_tokens":16,"temperature":0.5,"top_p":0.9,"seed":7,"n":1,"stop":["x"],"user":"u","store":true,
         "metadata":{"key":"value"},"reasoning_effort":"low","verbosity":"low","prompt_cache_key":"k","safety_identifier":"s",
         "parallel_tool_calls":true,"modalities":["text"],"unknown_field":{"a":["b"]},
         "messages":[{"role":"system","content":"be brief"},{"role":"user","name":"bob","content":[{"type":"text","text":"hi"}]},
          {"role":"assistant","content":"I look","tool_calls":[{"id":"c1","type":"function",
           "function":{"name":"read","arguments":"{\"path\":\"a\"}"}}]},
          {"role":"tool","tool_call_id":"c1","content":"text"},{"role":"user","content":"on"}],
         "tools":[{"type":"function","function":{"name":"read","description":"reads","parameters":{{{Schema}}},"strict":false}}],
         "tool_choice":"auto","response_format":{"type":"text"}}
        """,
        $$$"""
        {"model":"m","max_tokens":16,"messages":[{"role":"developer","content":[{"type":"text","text":"be brief"}]},
          {"role":"user","content":[{"type":"text","text":"hi"}]}],
         "response_format":{"type":"json_schema","json_schema":{"name":"n","description":"d","schema":{{{Schema}}},"strict":true}} }
        """,
    ];

    /// <summary>Bodies of <c>POST /v1/messages</c>.</summary>
    public static readonly string[] Messages =
    [
        $$$"""
        {"model":"m","max_tokens":16,"system":[{"type":"text","text":"be brief","cache_control":{"type":"ephemeral"}}],
         "temperature":0.5,"top_k":5,"stop_sequences":["x"],"metadata":{"user_id":"u"},"thinking":{"type":"disabled"},
         "unknown_field":{"a":["b"]},
         "messages":[{"role":"user","content":[{"type":"text","text":"hi","cache_control":{"type":"ephemeral"}}]},
          {"role":"assistant","content":[{"type":"text","text":"I look"},{"type":"thinking","thinking":"hm","signature":"s"},
           {"type":"tool_use","id":"toolu_1","name":"read","input":{"path":"a","deep":{"list":["b",1]}} }]},
          {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"out"}]},
           {"type":"text","text":"on"}]}],
         "tools":[{"name":"read","description":"reads","input_schema":{{{Schema}}} }],"tool_choice":{"type":"auto"}}
        """,
    ];
}
