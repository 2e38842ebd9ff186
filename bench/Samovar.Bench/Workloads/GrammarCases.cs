using System.Text;
using System.Text.Json.Nodes;
using Samovar.Grammars.Rules;
using Samovar.Grammars.Schemas;

namespace Samovar.Bench.Workloads;

/// <summary>A grammar to measure, by the name it has in the table.</summary>
internal sealed record GrammarCase(string Name, Func<string> Write);

/// <summary>Ordinary grammars and such that can be read in very many ways.</summary>
internal static class GrammarCases
{
    public static IReadOnlyList<GrammarCase> All { get; } =
    [
        new("no grammar beyond text", () => Regex("[^\\x00]*")),
        new("call of 20 strict functions", () => Schema(Functions(20))),
        new("[a-z]{1,5000}", () => Regex("[a-z]{1,5000}")),
        new("200 strings of maxLength 5000", () => Schema(Texts(200, 5000))),
        new("enum of 500 values", () => Schema(Enum(500))),
        new("recursive $ref", () => Schema(Tree())),
        new("any JSON object", () => Schema("""{"type": "object"}""")),
        new("(a?){300}a{300}", () => Regex("(a?){300}a{300}")),
        new("((a|b|c|d)*x?){50}", () => Regex("((a|b|c|d)*x?){50}")),
        new("((([a-z]{1,50}){1,50}){1,50}){1,50}", () => Regex("((([a-z]{1,50}){1,50}){1,50}){1,50}")),
        new("(([a-z]|[a-z][a-z]|[a-z]{3}){100}){100}", () => Regex("(([a-z]|[a-z][a-z]|[a-z]{3}){100}){100}")),
        new("(([a-z]?){60}([a-y]?){60}){60}[a-z]{3000}", () => Regex("(([a-z]?){60}([a-y]?){60}){60}[a-z]{3000}")),
        new("(([a-z]{2,90}){2,90}([a-z]{3,80}){3,80}){2,70}", () => Regex("(([a-z]{2,90}){2,90}([a-z]{3,80}){3,80}){2,70}")),
        new("(…|[a-z]{400}){50}", () => Regex($"({string.Join('|', Enumerable.Range(2, 399).Select(n => $"[a-z]{{{n}}}"))}){{50}}")),
        new("200 objects that begin alike", () => Schema(Alike(200))),
    ];

    private static string Regex(string regex)
    {
        var rules = new GrammarRules(GrammarLimits.Default);
        return rules.Build(new PatternGrammar(rules, PatternGrammar.Whole(regex), "regex").Write()).ToString();
    }

    private static string Schema(string schema)
    {
        var rules = new GrammarRules(GrammarLimits.Default);
        return rules.Build(JsonSchemaGrammar.Write(rules, Encoding.UTF8.GetBytes(schema), "schema")).ToString();
    }

    private static string Functions(int count) => new JsonObject
    {
        ["anyOf"] = new JsonArray([.. Enumerable.Range(0, count).Select(at => Object(
            ("name", new JsonObject { ["const"] = $"function_{at}" }),
            ("path", new JsonObject { ["type"] = "string" }),
            ("lines", new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "integer" } }),
            ("mode", new JsonObject { ["enum"] = new JsonArray("read", "write", "append") })))]),
    }.ToJsonString();

    private static string Texts(int count, int length) => Object([.. Enumerable.Range(0, count)
        .Select(at => ($"text_{at}", new JsonObject { ["type"] = "string", ["maxLength"] = length }))]).ToJsonString();

    private static string Enum(int count) => Object(("value", new JsonObject
    {
        ["enum"] = new JsonArray([.. Enumerable.Range(0, count).Select(at => (JsonNode)$"value number {at * 7919}")]),
    })).ToJsonString();

    private static string Alike(int count) => new JsonObject
    {
        ["anyOf"] = new JsonArray([.. Enumerable.Range(0, count).Select(at => Object(
            ("kind", new JsonObject { ["type"] = "string" }), ($"value_{at}", new JsonObject { ["type"] = "integer" })))]),
    }.ToJsonString();

    private static string Tree() => """
        {"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "required": ["name", "children"], "additionalProperties": false,
          "properties": {"name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#/$defs/node"}}}}}}
        """;

    private static JsonObject Object(params (string Name, JsonObject Schema)[] properties) => new()
    {
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["properties"] = new JsonObject([.. properties.Select(one => KeyValuePair.Create(one.Name, (JsonNode?)one.Schema))]),
        ["required"] = new JsonArray([.. properties.Select(one => (JsonNode)one.Name)]),
    };
}
