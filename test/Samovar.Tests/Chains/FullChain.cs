using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;
using Samovar.Testing.Core;

namespace Samovar.Tests.Chains;

/// <summary>A chain with every kind of item and every field of a response.</summary>
internal static class FullChain
{
    private static readonly string Long = new('x', 2000);

    public static ChainNode Root()
    {
        var settings = StoredChains.Settings(
            $$$"""
            {"model":"m","input":"hi","instructions":"{{{Long}}}","tools":[{"type":"function","name":"f","description":"{{{Long}}}",
             "parameters":{"type":"object"}},{"type":"web_search"},{"type":"custom","name":"c","format":{"type":"grammar",
             "syntax":"lark","definition":"start: /.+/"}}],"tool_choice":{"type":"function","name":"f"},"metadata":{"k":"v"},
             "text":{"verbosity":"low","format":{"type":"json_schema","name":"s","schema":{"type":"object"},"strict":true}},
             "temperature":0.1,"top_p":0.3,"seed":7,"max_output_tokens":99,"include":["reasoning.encrypted_content"],
             "reasoning":{"effort":"low","summary":"auto"},"truncation":"auto","prompt_cache_key":"key","store":true}
            """);
        var node = new StoredChains().Next(null, Input(), Output(), settings);
        return Copy(node, node.Response with
        {
            Status = ResponseStatus.Incomplete,
            CompletedAt = null,
            IncompleteReason = "max_output_tokens",
            StopSequence = "stop",
            StopReason = "pause_turn",
            Sampling = new DefaultSampling(0.7, 0.9),
            Usage = new Usage(1000, 900, 80, 7) { CacheWriteTokens = 3 },
            CacheDiagnostics = new CacheDiagnostics.Miss(100, "tools_changed", null),
        });
    }

    public static ChainNode Behind(ChainNode root)
    {
        var node = new StoredChains().Next(root, [Ask.Output("call_1", "done 🫖")], [StoredChains.Said("msg_last", "ok")]);
        return new ChainNode
        {
            Tenant = node.Tenant,
            Id = new ResponseId("resp_behind"),
            Parent = root,
            Input = node.Input,
            Response = node.Response with { Id = new ResponseId("resp_behind"), CacheDiagnostics = new CacheDiagnostics.Hit() },
            OpenCalls = new HashSet<string>(StringComparer.Ordinal) { "call_2" },
            Unsent = new HashSet<Item>(ReferenceEqualityComparer.Instance) { root.Output[0], root.Input[3] },
            Bytes = 1,
        };
    }

    private static ChainNode Copy(ChainNode node, Response response) => new()
    {
        Tenant = node.Tenant,
        Id = node.Id,
        Parent = null,
        Input = node.Input,
        Response = response,
        OpenCalls = new HashSet<string>(StringComparer.Ordinal) { "call_1", "call_2" },
        Bytes = 1,
    };

    private static Item[] Input() =>
    [
        StoredChains.Item($$"""{"type":"message","role":"developer","content":[{"type":"input_text","text":"{{Long}}"}],"odd":1}"""),
        StoredChains.Item("""{"role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,AA","detail":"auto"}]}"""),
        StoredChains.Item("""{"type":"additional_tools","tools":[{"type":"function","name":"g","parameters":{"type":"object"}}]}"""),
        StoredChains.Item("""{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAA"}"""),
        StoredChains.Item("""{"type":"custom_tool_call","id":"ctc_1","call_id":"call_9","name":"c","namespace":"n","input":"print(1)"}"""),
        StoredChains.Item(
            """{"type":"custom_tool_call_output","call_id":"call_9","output":[{"type":"input_text","text":"\ud83e\uded6"}]}"""),
        StoredChains.Item("""{"type":"compaction","id":"cmp_1","encrypted_content":"sealed"}"""),
        StoredChains.Item("""{"type":"shell_call","id":"sh_1","call_id":"call_8","action":{"commands":["ls"]}}"""),
        StoredChains.Item("""{"type":"shell_call_output","call_id":"call_8","output":[{"stdout":"a"}]}"""),
        StoredChains.Item("""{"type":"something_new","id":"new_1","field":[1,2,{"a":null}]}"""),
    ];

    private static Item[] Output() =>
    [
        ItemWriter.Reasoning("rs_2", ["summary"], ["thought"], "sealed", ItemStatus.Completed),
        ItemWriter.Message("msg_1", [new OutputPart(PartKind.OutputText, "text"), new OutputPart(PartKind.Refusal, "no")], "commentary",
            ItemStatus.Completed),
        ItemWriter.FunctionCall("fc_1", "call_1", "f", """{"a":"\"🫖"}""", null, ItemStatus.Completed),
        ItemWriter.CustomToolCall("ctc_2", "call_2", "c", "half", "n", ItemStatus.Incomplete),
        StoredChains.Item("""{"type":"web_search_call","id":"ws_1","status":"completed"}"""),
    ];
}
