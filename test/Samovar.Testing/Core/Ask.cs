using System.Text.Json;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;

namespace Samovar.Testing.Core;

/// <summary>Requests in one line, for tests that care about what happens and not about JSON.</summary>
internal static class Ask
{
    public static readonly ToolList Shell = ToolsOf("exec_command");

    public static CreateRequest For(params Item[] input) => new()
    {
        Input = input,
        HasInput = true,
        Store = false,
        Bytes = input.Sum(item => item.Json.Utf8.Length) + 64,
    };

    public static CreateRequest Text(string text) => For(User(text));
    public static CreateRequest Stored(string text) => Text(text).SayingStore(true);

    /// <summary>The request, with <c>store</c> named in it.</summary>
    public static CreateRequest SayingStore(this CreateRequest request, bool store) =>
        request with { Store = store, Fields = [.. request.Fields, new("store", RawJson.Of(store ? "true" : "false"))] };

    /// <summary>The request as it is read where it does not name <c>store</c>.</summary>
    public static CreateRequest NotSayingStore(this CreateRequest request) => request with { Store = true, Fields = [] };
    public static CreateRequest After(this CreateRequest request, string? previous) =>
        request with { PreviousResponseId = previous is null ? null : new ResponseId(previous) };
    public static CreateRequest On(this CreateRequest request, string? lane) => request with { Lane = new LaneId(lane) };
    public static CreateRequest With(this CreateRequest request, ToolList tools) => request with { Tools = tools };

    public static Item User(string text) => new MessageItem(Role.User, [new ContentPart.Text(text)], null)
    {
        Json = RawJson.Of($$"""{"type":"message","role":"user","content":{{JsonSerializer.Serialize(text)}}}"""),
    };

    public static Item Output(string callId, string output = "ok") => new FunctionCallOutputItem(callId, [new ContentPart.Text(output)])
    {
        Json = RawJson.Of($$"""{"type":"function_call_output","call_id":"{{callId}}","output":{{JsonSerializer.Serialize(output)}}}"""),
    };

    public static Item Call(string callId, string name = "exec_command") => new FunctionCallItem(callId, name, "{}", null)
    {
        Json = RawJson.Of($$"""{"type":"function_call","call_id":"{{callId}}","name":"{{name}}","arguments":"{}"}"""),
    };

    public static Item Reference(string id) => new ItemReferenceItem(id)
    {
        Json = RawJson.Of($$"""{"type":"item_reference","id":"{{id}}"}"""),
    };

    public static ToolList ToolsOf(params string[] names)
    {
        var anything = RawJson.Of("""{"type":"object","properties":{}}""");
        var tools = names.Select(name => new Tool.Function(name, null, anything, null)
        {
            Json = RawJson.Of($$"""{"type":"function","name":"{{name}}","parameters":{{anything}}}"""),
        }).ToList();
        return new ToolList(tools, RawJson.Of($"[{string.Join(',', tools.Select(tool => tool.Json))}]"));
    }
}
