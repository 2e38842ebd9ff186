using Samovar.Protocol.Chat;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;
using Samovar.Protocol.Requests;

namespace Samovar.Tests.Protocol.Fields;

/// <summary>Requests around one field: with all that the field needs beside it, and nothing else.</summary>
internal static class FieldRequests
{
    private const char Place = '$';
    private const string Said = """{"role":"user","content":"x"}""";

    /// <summary>What stands around a field that cannot stand alone; <c>$</c> is its value.</summary>
    private static readonly Dictionary<(FieldApi Api, string Path), string> Around = new()
    {
        [(FieldApi.Responses, "stream_options")] = """ "stream":true,"stream_options":$ """,
        [(FieldApi.Responses, "stream_options.include_obfuscation")] = """ "stream":true,"stream_options":{"include_obfuscation":$} """,
        [(FieldApi.Responses, "text.format.type")] = """ "text":{"format":{"type":$,"name":"n","schema":{}}} """,
        [(FieldApi.Responses, "text.format.name")] = """ "text":{"format":{"type":"json_schema","name":$,"schema":{}}} """,
        [(FieldApi.Responses, "text.format.schema")] = """ "text":{"format":{"type":"json_schema","name":"n","schema":$}} """,
        [(FieldApi.Responses, "text.format.strict")] = """ "text":{"format":{"type":"json_schema","name":"n","schema":{},"strict":$}} """,
        [(FieldApi.Responses, "text.format.description")] =
            """ "text":{"format":{"type":"json_schema","name":"n","schema":{},"description":$}} """,
        [(FieldApi.Responses, "context_management[].type")] = """ "context_management":[{"type":$}] """,
        [(FieldApi.Responses, "context_management[].compact_threshold")] =
            """ "context_management":[{"type":"compaction","compact_threshold":$}] """,
        [(FieldApi.Responses, "tools[].type")] = """ "tools":[{"type":$,"name":"f","tools":[]}] """,
        [(FieldApi.Responses, "tools[].name")] = """ "tools":[{"type":"function","name":$}] """,
        [(FieldApi.Responses, "tools[].description")] = """ "tools":[{"type":"function","name":"f","description":$}] """,
        [(FieldApi.Responses, "tools[].parameters")] = """ "tools":[{"type":"function","name":"f","parameters":$}] """,
        [(FieldApi.Responses, "tools[].strict")] = """ "tools":[{"type":"function","name":"f","strict":$}] """,
        [(FieldApi.Responses, "tools[].async")] = """ "tools":[{"type":"function","name":"f","async":$}] """,
        [(FieldApi.Responses, "tools[].defer_loading")] = """ "tools":[{"type":"function","name":"f","defer_loading":$}] """,
        [(FieldApi.Responses, "tools[].allowed_callers")] = """ "tools":[{"type":"function","name":"f","allowed_callers":$}] """,
        [(FieldApi.Responses, "tools[].input_examples")] = """ "tools":[{"type":"function","name":"f","input_examples":$}] """,
        [(FieldApi.Responses, "tools[].eager_input_streaming")] =
            """ "tools":[{"type":"function","name":"f","eager_input_streaming":$}] """,
        [(FieldApi.Responses, "tools[].format")] = """ "tools":[{"type":"custom","name":"f","format":$}] """,
        [(FieldApi.Responses, "tools[].format.type")] =
            """ "tools":[{"type":"custom","name":"f","format":{"type":$,"syntax":"lark","definition":"start: /x/"}}] """,
        [(FieldApi.Responses, "tools[].format.syntax")] =
            """ "tools":[{"type":"custom","name":"f","format":{"type":"grammar","syntax":$,"definition":"start: /x/"}}] """,
        [(FieldApi.Responses, "tools[].format.definition")] =
            """ "tools":[{"type":"custom","name":"f","format":{"type":"grammar","syntax":"lark","definition":$}}] """,
        [(FieldApi.Responses, "tools[].tools")] = """ "tools":[{"type":"namespace","name":"n","tools":$}] """,
        [(FieldApi.Responses, "tools[].tools[].name")] =
            """ "tools":[{"type":"namespace","name":"n","tools":[{"type":"function","name":$}]}] """,
        [(FieldApi.Responses, "tool_choice.type")] = """ "tool_choice":{"type":$,"name":"f","tools":[]} """,
        [(FieldApi.Responses, "tool_choice.name")] = """ "tool_choice":{"type":"function","name":$} """,
        [(FieldApi.Responses, "tool_choice.mode")] = """ "tool_choice":{"type":"allowed_tools","mode":$,"tools":[]} """,
        [(FieldApi.Responses, "tool_choice.tools")] = """ "tool_choice":{"type":"allowed_tools","tools":$} """,
        [(FieldApi.Responses, "tool_choice.tools[].type")] = """ "tool_choice":{"type":"allowed_tools","tools":[{"type":$,"name":"f"}]} """,
        [(FieldApi.Responses, "tool_choice.tools[].name")] =
            """ "tool_choice":{"type":"allowed_tools","tools":[{"type":"function","name":$}]} """,
        [(FieldApi.Responses, "input[].role")] = """ "input":[{"role":$,"content":"x"}] """,
        [(FieldApi.Responses, "input[].content")] = """ "input":[{"role":"user","content":$}] """,
        [(FieldApi.Responses, "input[].phase")] = """ "input":[{"role":"assistant","content":"x","phase":$}] """,
        [(FieldApi.Responses, "input[].status")] = """ "input":[{"role":"assistant","content":"x","status":$}] """,
        [(FieldApi.Responses, "input[].content[].text")] = """ "input":[{"role":"user","content":[{"type":"input_text","text":$}]}] """,
        [(FieldApi.Responses, "input[].content[].detail")] =
            """ "input":[{"role":"user","content":[{"type":"input_image","image_url":"data:,","detail":$}]}] """,
        [(FieldApi.Responses, "input[].call_id")] = """ "input":[{"type":"function_call_output","call_id":$,"output":"x"}] """,
        [(FieldApi.Responses, "input[].name")] = """ "input":[{"type":"function_call","call_id":"c","name":$,"arguments":"{}"}] """,
        [(FieldApi.Responses, "input[].arguments")] = """ "input":[{"type":"function_call","call_id":"c","name":"f","arguments":$}] """,
        [(FieldApi.Responses, "input[].output")] = """ "input":[{"type":"function_call_output","call_id":"c","output":$}] """,
        [(FieldApi.Responses, "input[].encrypted_content")] = """ "input":[{"type":"compaction","encrypted_content":$}] """,

        [(FieldApi.Chat, "stream_options")] = """ "stream":true,"stream_options":$ """,
        [(FieldApi.Chat, "stream_options.include_usage")] = """ "stream":true,"stream_options":{"include_usage":$} """,
        [(FieldApi.Chat, "stream_options.include_obfuscation")] = """ "stream":true,"stream_options":{"include_obfuscation":$} """,
        [(FieldApi.Chat, "top_logprobs")] = """ "logprobs":true,"top_logprobs":$ """,
        [(FieldApi.Chat, "prediction.type")] = """ "prediction":{"type":$,"content":"x"} """,
        [(FieldApi.Chat, "prediction.content")] = """ "prediction":{"type":"content","content":$} """,
        [(FieldApi.Chat, "response_format.type")] = """ "response_format":{"type":$,"json_schema":{"name":"n","schema":{}}} """,
        [(FieldApi.Chat, "response_format.json_schema")] = """ "response_format":{"type":"json_schema","json_schema":$} """,
        [(FieldApi.Chat, "response_format.json_schema.name")] =
            """ "response_format":{"type":"json_schema","json_schema":{"name":$,"schema":{}}} """,
        [(FieldApi.Chat, "response_format.json_schema.schema")] =
            """ "response_format":{"type":"json_schema","json_schema":{"name":"n","schema":$}} """,
        [(FieldApi.Chat, "response_format.json_schema.strict")] =
            """ "response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{},"strict":$}} """,
        [(FieldApi.Chat, "response_format.json_schema.description")] =
            """ "response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{},"description":$}} """,
        [(FieldApi.Chat, "tools[].type")] = """ "tools":[{"type":$,"function":{"name":"f"},"custom":{"name":"f"}}] """,
        [(FieldApi.Chat, "tools[].function")] = """ "tools":[{"type":"function","function":$}] """,
        [(FieldApi.Chat, "tools[].function.name")] = """ "tools":[{"type":"function","function":{"name":$}}] """,
        [(FieldApi.Chat, "tools[].function.description")] = """ "tools":[{"type":"function","function":{"name":"f","description":$}}] """,
        [(FieldApi.Chat, "tools[].function.parameters")] = """ "tools":[{"type":"function","function":{"name":"f","parameters":$}}] """,
        [(FieldApi.Chat, "tools[].function.strict")] = """ "tools":[{"type":"function","function":{"name":"f","strict":$}}] """,
        [(FieldApi.Chat, "tools[].custom.name")] = """ "tools":[{"type":"custom","custom":{"name":$}}] """,
        [(FieldApi.Chat, "tools[].custom.description")] = """ "tools":[{"type":"custom","custom":{"name":"f","description":$}}] """,
        [(FieldApi.Chat, "tools[].custom.format")] = """ "tools":[{"type":"custom","custom":{"name":"f","format":$}}] """,
        [(FieldApi.Chat, "tools[].custom.format.type")] =
            Custom(""" "type":$,"grammar":{"syntax":"lark","definition":"start: /x/"} """),
        [(FieldApi.Chat, "tools[].custom.format.grammar")] =
            Custom(""" "type":"grammar","grammar":$ """),
        [(FieldApi.Chat, "tools[].custom.format.grammar.syntax")] =
            Custom(""" "type":"grammar","grammar":{"syntax":$,"definition":"start: /x/"} """),
        [(FieldApi.Chat, "tools[].custom.format.grammar.definition")] =
            Custom(""" "type":"grammar","grammar":{"syntax":"lark","definition":$} """),
        [(FieldApi.Chat, "tool_choice.type")] =
            """ "tool_choice":{"type":$,"function":{"name":"f"},"custom":{"name":"f"}, """
            + """ "allowed_tools":{"tools":[{"type":"function","function":{"name":"f"}}]}} """,
        [(FieldApi.Chat, "tool_choice.function")] = """ "tool_choice":{"type":"function","function":$} """,
        [(FieldApi.Chat, "tool_choice.function.name")] = """ "tool_choice":{"type":"function","function":{"name":$}} """,
        [(FieldApi.Chat, "tool_choice.custom.name")] = """ "tool_choice":{"type":"custom","custom":{"name":$}} """,
        [(FieldApi.Chat, "tool_choice.allowed_tools")] = """ "tool_choice":{"type":"allowed_tools","allowed_tools":$} """,
        [(FieldApi.Chat, "tool_choice.allowed_tools.mode")] =
            """ "tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":$,"tools":[{"type":"function","function":{"name":"f"}}]}} """,
        [(FieldApi.Chat, "tool_choice.allowed_tools.tools")] = """ "tool_choice":{"type":"allowed_tools","allowed_tools":{"tools":$}} """,
        [(FieldApi.Chat, "messages[].role")] = """ "messages":[{"role":$,"content":"x","tool_call_id":"c"}] """,
        [(FieldApi.Chat, "messages[].content")] = """ "messages":[{"role":"user","content":$}] """,
        [(FieldApi.Chat, "messages[].content[].text")] = """ "messages":[{"role":"user","content":[{"type":"text","text":$}]}] """,
        [(FieldApi.Chat, "messages[].content[].image_url.url")] =
            """ "messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":$}}]}] """,
        [(FieldApi.Chat, "messages[].content[].image_url.detail")] =
            """ "messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:,","detail":$}}]}] """,
        [(FieldApi.Chat, "messages[].name")] = """ "messages":[{"role":"user","content":"x","name":$}] """,
        [(FieldApi.Chat, "messages[].refusal")] = """ "messages":[{"role":"assistant","content":"x","refusal":$}] """,
        [(FieldApi.Chat, "messages[].tool_call_id")] = """ "messages":[{"role":"tool","content":"x","tool_call_id":$}] """,
        [(FieldApi.Chat, "messages[].tool_calls[].id")] =
            """ "messages":[{"role":"assistant","tool_calls":[{"id":$,"function":{"name":"f","arguments":"{}"}}]}] """,
        [(FieldApi.Chat, "messages[].tool_calls[].type")] =
            """ "messages":[{"role":"assistant","tool_calls":[{"id":"c","type":$,"function":{"name":"f","arguments":"{}"}, """
            + """ "custom":{"name":"f","input":""}}]}] """,
        [(FieldApi.Chat, "messages[].tool_calls[].function.name")] =
            """ "messages":[{"role":"assistant","tool_calls":[{"id":"c","function":{"name":$,"arguments":"{}"}}]}] """,
        [(FieldApi.Chat, "messages[].tool_calls[].function.arguments")] =
            """ "messages":[{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":$}}]}] """,
        [(FieldApi.Chat, "messages[].function_call")] = """ "messages":[{"role":"assistant","content":"x","function_call":$}] """,

        [(FieldApi.Messages, "thinking.type")] = """ "thinking":{"type":$,"budget_tokens":1024} """,
        [(FieldApi.Messages, "thinking.budget_tokens")] = """ "thinking":{"type":"enabled","budget_tokens":$} """,
        [(FieldApi.Messages, "thinking.display")] = """ "thinking":{"type":"adaptive","display":$} """,
        [(FieldApi.Messages, "compaction.type")] = """ "compaction":{"type":$} """,
        [(FieldApi.Messages, "compaction.instructions")] = """ "compaction":{"type":"summarize","instructions":$} """,
        [(FieldApi.Messages, "thread.type")] = """ "thread":{"type":$,"previous_message_id":"msg_1"} """,
        [(FieldApi.Messages, "thread.previous_message_id")] = """ "thread":{"type":"continue","previous_message_id":$} """,
        [(FieldApi.Messages, "output_config.format.type")] = """ "output_config":{"format":{"type":$,"schema":{}}} """,
        [(FieldApi.Messages, "output_config.format.schema")] = """ "output_config":{"format":{"type":"json_schema","schema":$}} """,
        [(FieldApi.Messages, "output_format.type")] = """ "output_format":{"type":$,"schema":{}} """,
        [(FieldApi.Messages, "output_format.schema")] = """ "output_format":{"type":"json_schema","schema":$} """,
        [(FieldApi.Messages, "cache_control.ttl")] = """ "cache_control":{"type":"ephemeral","ttl":$} """,
        [(FieldApi.Messages, "tools[].type")] = """ "tools":[{"type":$,"name":"f","input_schema":{}}] """,
        [(FieldApi.Messages, "tools[].name")] = """ "tools":[{"name":$,"input_schema":{}}] """,
        [(FieldApi.Messages, "tools[].description")] = """ "tools":[{"name":"f","input_schema":{},"description":$}] """,
        [(FieldApi.Messages, "tools[].input_schema")] = """ "tools":[{"name":"f","input_schema":$}] """,
        [(FieldApi.Messages, "tools[].strict")] = """ "tools":[{"name":"f","input_schema":{},"strict":$}] """,
        [(FieldApi.Messages, "tools[].defer_loading")] = """ "tools":[{"name":"f","input_schema":{},"defer_loading":$}] """,
        [(FieldApi.Messages, "tools[].allowed_callers")] = """ "tools":[{"name":"f","input_schema":{},"allowed_callers":$}] """,
        [(FieldApi.Messages, "tools[].input_examples")] = """ "tools":[{"name":"f","input_schema":{},"input_examples":$}] """,
        [(FieldApi.Messages, "tools[].eager_input_streaming")] =
            """ "tools":[{"name":"f","input_schema":{},"eager_input_streaming":$}] """,
        [(FieldApi.Messages, "tools[].cache_control.ttl")] =
            """ "tools":[{"name":"f","input_schema":{},"cache_control":{"type":"ephemeral","ttl":$}}] """,
        [(FieldApi.Messages, "tool_choice.type")] = """ "tool_choice":{"type":$,"name":"f"} """,
        [(FieldApi.Messages, "tool_choice.name")] = """ "tool_choice":{"type":"tool","name":$} """,
        [(FieldApi.Messages, "tool_choice.disable_parallel_tool_use")] =
            """ "tool_choice":{"type":"auto","disable_parallel_tool_use":$} """,
        [(FieldApi.Messages, "system[].text")] = """ "system":[{"type":"text","text":$}] """,
        [(FieldApi.Messages, "system[].cache_control.ttl")] =
            """ "system":[{"type":"text","text":"x","cache_control":{"type":"ephemeral","ttl":$}}] """,
        [(FieldApi.Messages, "messages[].role")] = """ "messages":[{"role":$,"content":"x"}] """,
        [(FieldApi.Messages, "messages[].content")] = """ "messages":[{"role":"user","content":$}] """,
        [(FieldApi.Messages, "messages[].content[].text")] = Block(""" "type":"text","text":$ """),
        [(FieldApi.Messages, "messages[].content[].citations")] =
            Block(""" "type":"document","source":{"type":"text","data":"x"},"citations":$ """),
        [(FieldApi.Messages, "messages[].content[].context")] =
            Block(""" "type":"document","source":{"type":"url","url":"https://x"},"context":$ """),
        [(FieldApi.Messages, "messages[].content[].cache_control.ttl")] =
            Block(""" "type":"text","text":"x","cache_control":{"type":"ephemeral","ttl":$} """),
        [(FieldApi.Messages, "messages[].content[].id")] = Spoken("assistant", """ "type":"tool_use","id":$,"name":"f","input":{} """),
        [(FieldApi.Messages, "messages[].content[].name")] = Spoken("assistant", """ "type":"tool_use","id":"c","name":$,"input":{} """),
        [(FieldApi.Messages, "messages[].content[].input")] = Spoken("assistant", """ "type":"tool_use","id":"c","name":"f","input":$ """),
        [(FieldApi.Messages, "messages[].content[].tool_use_id")] = Block(""" "type":"tool_result","tool_use_id":$ """),
        [(FieldApi.Messages, "messages[].content[].is_error")] = Block(""" "type":"tool_result","tool_use_id":"c","is_error":$ """),
        [(FieldApi.Messages, "messages[].content[].content")] = Block(""" "type":"tool_result","tool_use_id":"c","content":$ """),
        [(FieldApi.Messages, "messages[].content[].thinking")] =
            Spoken("assistant", """ "type":"thinking","signature":"s","thinking":$ """),
        [(FieldApi.Messages, "messages[].content[].signature")] =
            Spoken("assistant", """ "type":"thinking","thinking":"t","signature":$ """),
        [(FieldApi.Messages, "messages[].content[].data")] = Spoken("assistant", """ "type":"redacted_thinking","data":$ """),
        [(FieldApi.Messages, "messages[].content[].source")] = Block(""" "type":"image","source":$ """),
        [(FieldApi.Messages, "messages[].content[].source.type")] =
            Block(""" "type":"image","source":{"type":$,"media_type":"image/png","data":"AA","url":"http://x","file_id":"f"} """),
        [(FieldApi.Messages, "messages[].content[].source.media_type")] =
            Block(""" "type":"image","source":{"type":"base64","media_type":$,"data":"AA"} """),
        [(FieldApi.Messages, "messages[].content[].source.url")] = Block(""" "type":"image","source":{"type":"url","url":$} """),
    };

    /// <summary>A request of the row's API with a value in the row's place.</summary>
    public static string With(FieldRow row, string value)
    {
        var fields = (Around.GetValueOrDefault((row.Api, row.Path)) ?? Alone(row.Path)).Trim();
        var start = row.Api == FieldApi.Responses ? "\"input\":\"x\"" : $"\"messages\":[{Said}]";
        var top = row.Path.Split('.', '[')[0];
        if (start.StartsWith($"\"{top}\"", StringComparison.Ordinal)) start = "";
        var text = string.Join(',', new[] { start, fields }.Where(part => part.Length > 0));
        return "{" + text.Replace(Place.ToString(), value, StringComparison.Ordinal) + "}";
    }

    /// <summary>Reads a request as its endpoint does; a frame where the field belongs to frames.</summary>
    public static void Read(FieldRow row, string json, ProtocolLimits limits)
    {
        var utf8 = Samples.Utf8(json);
        switch (row.Api)
        {
            case FieldApi.Chat: ChatRequestReader.Read(utf8, limits); break;
            case FieldApi.Messages: MessagesRequestReader.Read(utf8, limits); break;
            default:
                var isFrames = row.Path is "generate" or "type";
                CreateRequestReader.Read(utf8, isFrames ? CreateRequestOrigin.WebSocketCreate : CreateRequestOrigin.Http, limits);
                break;
        }
    }

    /// <summary>The row's path as an error of its API has it, for the first element of every array.</summary>
    public static string Param(FieldRow row, string below) => row.Api == FieldApi.Messages
        ? (row.Path + below).Replace("[0]", ".0", StringComparison.Ordinal).Replace("[]", ".0", StringComparison.Ordinal)
        : row.Path.Replace("[]", "[0]", StringComparison.Ordinal) + below;

    private static string Alone(string path)
    {
        var names = path.Split('.');
        return string.Concat(names.Take(names.Length - 1).Select(name => $"\"{name}\":{{"))
            + $"\"{names[^1]}\":{Place}" + new string('}', names.Length - 1);
    }

    private static string Custom(string format) =>
        """ "tools":[{"type":"custom","custom":{"name":"f","format":{ """ + format + "}}}]";

    private static string Block(string fields) => Spoken("user", fields);

    private static string Spoken(string role, string fields) =>
        $$""" "messages":[{"role":"{{role}}","content":[{ """ + fields + "}]}]";
}
