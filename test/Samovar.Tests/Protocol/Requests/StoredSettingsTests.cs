using System.Reflection;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;

namespace Samovar.Tests.Protocol.Requests;

public sealed class StoredSettingsTests
{
    /// <summary>What belongs to one turn alone, and is in no response that is kept.</summary>
    private static readonly HashSet<string> OfOneTurn = new(StringComparer.Ordinal)
    {
        nameof(CreateRequest.Input), nameof(CreateRequest.HasInput), nameof(CreateRequest.PreviousResponseId),
        nameof(CreateRequest.Conversation), nameof(CreateRequest.Stream),
        nameof(CreateRequest.Background), nameof(CreateRequest.ResumeKey), nameof(CreateRequest.Compacts), nameof(CreateRequest.Summary),
        nameof(CreateRequest.Lane), nameof(CreateRequest.CacheComparison), nameof(CreateRequest.WantsCacheDetails),
        nameof(CreateRequest.ContinuesAnswer), nameof(CreateRequest.ContinuesThread), nameof(CreateRequest.Final),
        nameof(CreateRequest.Fields), nameof(CreateRequest.Hints), nameof(CreateRequest.Bytes), nameof(CreateRequest.Edits),
    };

    public static TheoryData<string> Kept() =>
        [.. Properties().Where(property => !OfOneTurn.Contains(property.Name)).Select(property => property.Name)];

    /// <summary>A setting that is new, and was forgotten, fails here.</summary>
    [Theory]
    [MemberData(nameof(Kept))]
    public void Setting_ComesBackAsItWas(string name)
    {
        var property = typeof(CreateRequest).GetProperty(name)!;
        var settings = new CreateRequest();
        property.SetValue(settings, Sample(property));
        Assert.NotEqual(Comparable(property, new CreateRequest()), Comparable(property, settings));
        var read = Again(settings);
        Assert.Equal(Comparable(property, settings), Comparable(property, read));
        property.SetValue(read, property.GetValue(new CreateRequest()));
        foreach (var other in Properties()) // and nothing else came with it
            Assert.Equal(Comparable(other, new CreateRequest()), Comparable(other, read));
    }

    [Fact]
    public void EmptySettings_ComeBackEmpty() =>
        Assert.All(Properties(), property => Assert.Equal(Comparable(property, new CreateRequest()), Comparable(property, Again(new()))));

    [Theory]
    [InlineData(""" "auto" """)]
    [InlineData(""" "none" """)]
    [InlineData(""" "required" """)]
    [InlineData("""{"type":"function","name":"f"}""")]
    [InlineData("""{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"f"},{"type":"custom","name":"g"}]}""")]
    [InlineData("""{"type":"web_search"}""")]
    public void ToolChoice_ComesBackWithWhatItMeans(string choice)
    {
        var settings = Samples.Http($$"""{"model":"m","input":"hi","tool_choice":{{choice}}}""").Settings();
        var read = Again(settings);
        Assert.Equal(settings.ToolChoice.Json, read.ToolChoice.Json);
        Assert.Equal(settings.ToolChoice.GetType(), read.ToolChoice.GetType());
        Assert.Equal(settings.ToolChoice.ForcesCall, read.ToolChoice.ForcesCall);
    }

    [Theory]
    [InlineData("""{"format":{"type":"json_object"}}""")]
    [InlineData("""{"format":{"type":"json_schema","name":"n","schema":{"type":"object"}}}""")]
    [InlineData("""{"format":{"type":"json_schema","name":"n","schema":{ "type": "object" },"strict":false,"description":"d"}}""")]
    public void Format_ComesBackAsItWas(string text)
    {
        var settings = Samples.Http($$"""{"model":"m","input":"hi","text":{{text}}}""").Settings();
        Assert.Equal(settings.Format, Again(settings).Format);
    }

    [Fact]
    public void RealFrames_HaveTheirSettingsAgain()
    {
        foreach (var frame in Samples.Frames.Where(frame => frame.Contains("model", StringComparison.Ordinal)))
        {
            var settings = Samples.Socket(frame).Settings();
            Assert.True(settings.HasSettingsOf(Again(settings)), frame);
        }
    }

    [Fact]
    public void FieldsThatAreNotKnownHere_ArePassedOver() =>
        Assert.Equal("m", StoredSettings.Read("""{"later":{"a":[1]},"model":"m"}"""u8.ToArray(), null, null).Model);

    private static CreateRequest Again(CreateRequest settings) => StoredSettings.Read(
        StoredSettings.Write(settings), settings.Instructions,
        settings.Tools is { } tools ? StoredSettings.ReadTools(tools.Json.Utf8) : null);

    private static IEnumerable<PropertyInfo> Properties() => typeof(CreateRequest).GetProperties().Where(property => property.CanWrite);

    private static object Sample(PropertyInfo property) => property.Name switch
    {
        nameof(CreateRequest.ToolChoice) => Samples.Http("""{"model":"m","input":"hi","tool_choice":"required"}""").ToolChoice,
        nameof(CreateRequest.Format) => new TextFormat.JsonSchema("n", RawJson.Of("{}"), true, "d"),
        nameof(CreateRequest.Tools) => Samples.Socket(Samples.CodexPrewarm).Tools!,
        nameof(CreateRequest.LogitBias) => new Dictionary<int, float> { [7] = -1.5f, [100_000] = 0.1f },
        nameof(CreateRequest.Mark) => new VolatileMark("x-header: 1\n", true) { Next = new VolatileMark("x-header: 2\n", false) },
        nameof(CreateRequest.MessagesThinking) => new MessagesThinking("adaptive", "summarized", "max"),
        nameof(CreateRequest.Compaction) => new CompactionRule(5000),
        nameof(CreateRequest.TemplateVariables) => RawJson.Of("""{"enable_thinking": false, "tone": ["kind"]}"""),
        nameof(CreateRequest.MessagesTools) => RawJson.Of("""{"f": {"defer_loading":true}}"""),
        nameof(CreateRequest.Metadata) => RawJson.Of("""{"a": "b"}"""),
        _ => Sample(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, property.GetValue(new CreateRequest())),
    };

    private static object Sample(Type type, object? usual) => type switch
    {
        _ when type == typeof(string) => "a \"text\" with 🫖",
        _ when type == typeof(bool) => !(bool)usual!,
        _ when type == typeof(int) => 12_345,
        _ when type == typeof(long) => long.MinValue,
        _ when type == typeof(double) => 0.1 + 0.2,
        _ when type == typeof(IReadOnlyList<string>) => new[] { "one", "two" },
        _ => throw new NotSupportedException($"Give a sample of {type} here, and keep it in StoredSettings."),
    };

    private static object? Comparable(PropertyInfo property, CreateRequest request) => property.GetValue(request) switch
    {
        IReadOnlyList<string> texts => string.Join('\n', texts),
        IReadOnlyDictionary<int, float> biases => string.Join('\n', biases),
        ToolChoice choice => choice.Json,
        ToolList tools => tools.Json,
        System.Collections.IEnumerable list and not string => string.Join('\n', list.Cast<object>()),
        var value => value,
    };
}
