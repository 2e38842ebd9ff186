using System.Globalization;
using Samovar.Backends;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Drivers.Responses;
using Samovar.Gateway.Faults;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Testing.Upstreams;
using Samovar.Turns;

namespace Samovar.Gateway.Tests.Drivers.Responses;

/// <summary>Upstreams that have several ids for one call, one for several, or a name that comes late: each call is told once, by one id
/// and name.</summary>
public sealed class LooseCallsTests
{
    private const string Arguments = """{\"q\":1}""";

    /// <summary>What a client is told of the calls, when they begin and when they end.</summary>
    public static TheoryData<string, string[]> Streams => new()
    {
        { "call_A look", [Added("fc_1", "call_A"), Delta("fc_1"), Done("fc_1", "call_A")] },

        // another id at the end
        { "call_A look", [Added("fc_1", "call_A"), Delta("fc_1"), Done("fc_1", "call_B")] },
        { "call_A look", [Added("fc_1", "call_A"), Delta("fc_1"), Done("fc_2", "call_B")] },
        { "call_A look", [Added("fc_1", "call_A", null), Delta("fc_1", null), Done("fc_2", "call_B", null)] },
        { "call_A look", [Added("fc_1", "call_A"), Delta("fc_1"), Done("", "call_B")] },

        // two that are two
        { "call_A look, call_B look", [Added("fc_1", "call_A"), Delta("fc_1"), Done("fc_1", "call_A"), Done("fc_2", "call_B", 1)] },
        { "call_A look, call_B look", [Added("fc_1", "call_A"), Delta("fc_1"), Done("fc_2", "call_B", 1), Done("fc_1", "call_A")] },
        { "call_A look, call_B see", [Added("fc_1", "call_A"), Delta("fc_1"), Done("fc_2", "call_B", 0, "see"), Done("fc_1", "call_A")] },
        { "call_A look, * look", [Added("fc_1", "call_A"), Done("fc_1", "call_A"), Added("fc_2", "call_A", 1), Done("fc_2", "call_A", 1)] },

        // a name that comes late
        { "call_A look", [Added("fc_1", "call_A", 0, ""), Delta("fc_1"), ArgumentsDone("fc_1", "look")] },
        { "call_A look", [Added("fc_1", "call_A", 0, ""), ArgumentsDone("fc_1", "look")] },
        { "call_A look", [Added("fc_1", "call_A", 0, ""), Delta("fc_1"), ArgumentsDone("fc_1", "look"), Done("fc_1", "call_A", 0, "")] },
        { "call_A look", [Added("fc_1", "call_A", 0, ""), Delta("fc_1"), Done("fc_1", "call_A")] },
    };

    [Theory, MemberData(nameof(Streams))]
    public void Calls_HaveTheIdAndNameThatWereToldFirst(string expected, string[] stream)
    {
        Assert.Equal(expected, Told([.. stream, Completed("")]));
        if (expected.Contains('*', StringComparison.Ordinal)) return;
        var last = stream.Where(json => json.Contains("output_item.done", StringComparison.Ordinal)).Select(ItemOf);
        Assert.Equal(expected, Told([.. stream, Completed(string.Join(',', last))]));
    }

    [Fact]
    public void NameThatTheTerminalEventAloneHas_IsThatOfTheStreamedArguments() => Assert.Equal("call_A look", Told(
        [Added("fc_1", "call_A", 0, ""), Delta("fc_1"), Delta("fc_1", 0, ":1}"),
            Completed("""{"type":"function_call","id":"fc_1","call_id":"call_A","name":"look","arguments":""}""")]));

    [Fact]
    public void NameThatNobodySays_IsTheUpstreamsFault() => Assert.Equal(FaultKind.Malformed, Assert.Throws<UpstreamException>(
        () => Told([Added("fc_1", "call_A", 0, ""), Delta("fc_1"), ArgumentsDone("fc_1", ""), Completed("")])).Fault.Kind);

    /// <summary>Each call that was told, checked to be the same at its beginning and its end.</summary>
    private static string Told(IEnumerable<string> stream)
    {
        var reader = new ResponsesReader(Calls.Of("responses-http"), new UpstreamOptions(), new IdSource());
        var (events, published) = (new List<BackendEvent>(), new List<ResponseEvent>());
        foreach (var json in stream) reader.Read(RawJson.Of(json), events);
        var fold = new ResponseFold(new IdSource(), 100, published.Add);
        foreach (var e in events.Where(e => e is not BackendEvent.Accepted)) fold.Add(e);
        var begun = published.OfType<ResponseEvent.OutputItemAdded>().Select(e => Line(e.Item));
        Assert.Equal(begun, fold.Output.Select(item => Line(item.Json)));
        Assert.All(fold.Output, item => Assert.Equal("""{"q":1}""", Assert.IsType<FunctionCallItem>(item).Arguments));
        var lines = fold.Output.Cast<FunctionCallItem>().ToList();
        Assert.Equal(lines.Count, lines.Select(call => call.CallId).Distinct(StringComparer.Ordinal).Count());
        return string.Join(", ", lines.Select(call =>
            $"{(call.CallId is "call_A" or "call_B" ? call.CallId : "*")} {call.Name}"));
    }

    private static string Line(RawJson call) => $"{call.Text("call_id"u8)} {call.Text("name"u8)}";

    private static string Added(string id, string callId, int? place = 0, string name = "look") =>
        $$$"""{"type":"response.output_item.added",{{{Place(place)}}}"item":{{{Call(id, callId, name, "")}}}}""";

    private static string Done(string id, string callId, int? place = 0, string name = "look") =>
        $$$"""{"type":"response.output_item.done",{{{Place(place)}}}"item":{{{Call(id, callId, name, Arguments)}}}}""";

    private static string Delta(string id, int? place = 0, string piece = "{\\\"q\\\"") =>
        $$"""{"type":"response.function_call_arguments.delta",{{Place(place)}}"item_id":"{{id}}","delta":"{{piece}}"}""";

    private static string ArgumentsDone(string id, string name) =>
        """{"type":"response.function_call_arguments.done","output_index":0,""" +
        $$""" "item_id":"{{id}}","name":"{{name}}","arguments":"{{Arguments}}"}""";

    private static string Completed(string output) =>
        """{"type":"response.completed","response":{"id":"r","status":"completed","output":[""" + output + "]}}";

    private static string Call(string id, string callId, string name, string arguments) => $$"""{"id":"{{id}}","type":"function_call",""" +
        $$""" "status":"completed","call_id":"{{callId}}","name":"{{name}}","arguments":"{{arguments}}"}""";

    private static string Place(int? place) =>
        place is null ? "" : string.Create(CultureInfo.InvariantCulture, $"\"output_index\":{place},");

    private static string ItemOf(string done) => RawJson.Of(done).Field("item"u8).ToString();
}
