using System.Collections.Immutable;
using System.Reflection;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Testing.Core;

namespace Samovar.Tests.Protocol.Requests;

public sealed class CreateRequestTests
{
    /// <summary>What belongs to one turn alone; all else is a setting, which a chain keeps.</summary>
    private static readonly HashSet<string> OfOneTurn = new(StringComparer.Ordinal)
    {
        nameof(CreateRequest.Input), nameof(CreateRequest.HasInput), nameof(CreateRequest.PreviousResponseId),
        nameof(CreateRequest.Conversation), nameof(CreateRequest.Stream), nameof(CreateRequest.Background), nameof(CreateRequest.ResumeKey),
        nameof(CreateRequest.Lane), nameof(CreateRequest.CacheComparison), nameof(CreateRequest.Compacts),
        nameof(CreateRequest.WantsCacheDetails), nameof(CreateRequest.ContinuesThread), nameof(CreateRequest.Summary),
        nameof(CreateRequest.Final), nameof(CreateRequest.ContinuesAnswer), nameof(CreateRequest.Fields),
        nameof(CreateRequest.Hints), nameof(CreateRequest.Bytes), nameof(CreateRequest.Edits),
    };

    private static IEnumerable<PropertyInfo> Properties => typeof(CreateRequest).GetProperties().Where(property => property.CanWrite);

    public static TheoryData<string> Names => [.. Properties.Select(property => property.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Settings_AreAllThatDoesNotBelongToOneTurnAlone(string name)
    {
        var property = Properties.Single(property => property.Name == name);
        var plain = new CreateRequest();
        var other = plain with { Bytes = 0 };
        property.SetValue(other, Other(property, plain));
        Assert.NotEqual(plain, other);

        Assert.Equal(OfOneTurn.Contains(name), other.HasSettingsOf(plain));
        Assert.Equal(OfOneTurn.Contains(name), plain.HasSettingsOf(other));
        Assert.Equal(OfOneTurn.Contains(name), other.Settings() == plain);
        Assert.True(other.HasSettingsOf(other.Settings()));
    }

    [Fact]
    public void Settings_ThatAreReadAgain_AreTheSame()
    {
        const string body = """
            {"model":"m","input":"hi","instructions":"i","tools":[{"type":"function","name":"f"}],"tool_choice":"required","stop":["a"],
             "include":["reasoning.encrypted_content"],"metadata":{"a":"b"},"reasoning":{"effort":"low"},"temperature":0.5,
             "text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"}}},"user":"u","prompt_cache_key":"k"}
            """;
        Assert.True(Read(body).HasSettingsOf(Read(body.Replace("\"hi\"", "\"and now?\"", StringComparison.Ordinal)).Settings()));
        Assert.False(Read(body).HasSettingsOf(Read(body.Replace("\"object\"", "\"string\"", StringComparison.Ordinal))));
    }

    private static CreateRequest Read(string json) =>
        CreateRequestReader.Read(RawJson.Of(json).Utf8, CreateRequestOrigin.Http, ProtocolLimits.Default);

    private static object Other(PropertyInfo property, CreateRequest plain)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        return type switch
        {
            _ when type == typeof(bool) => property.GetValue(plain) is not true,
            _ when type == typeof(string) => "other",
            _ when type == typeof(int) => 7,
            _ when type == typeof(long) => 7L,
            _ when type == typeof(double) => 0.7,
            _ when type == typeof(IReadOnlyList<string>) => new[] { "other" },
            _ when type == typeof(IReadOnlyList<ContextEdit>) => new ContextEdit[] { new ContextEdit.ClearThinking(1) },
            _ when type == typeof(IReadOnlyList<Item>) => new[] { Ask.User("other") },
            _ when type == typeof(IReadOnlyDictionary<int, float>) => new Dictionary<int, float> { [1] = 1 },
            _ when type == typeof(ImmutableArray<KeyValuePair<string, RawJson>>) =>
                ImmutableArray.Create(new KeyValuePair<string, RawJson>("other", RawJson.Null)),
            _ when type == typeof(ResponseId) => new ResponseId("resp_other"),
            _ when type == typeof(ConversationId) => new ConversationId("conv_other"),
            _ when type == typeof(LaneId) => new LaneId("other"),
            _ when type == typeof(ToolList) => Ask.Shell,
            _ when type == typeof(ToolChoice) => new ToolChoice.None { Json = RawJson.Of("\"none\"") },
            _ when type == typeof(VolatileMark) => new VolatileMark("other", IsBlock: true),
            _ when type == typeof(MessagesThinking) => new MessagesThinking("adaptive", "omitted", null),
            _ when type == typeof(SummaryWish) => new SummaryWish("other"),
            _ when type == typeof(CompactionRule) => new CompactionRule(2000),
            _ when type == typeof(TextFormat) => new TextFormat.JsonObject(),
            _ when type == typeof(RawJson) => RawJson.Of("""{"other":"one"}"""),
            _ when type == typeof(SessionHints) => new SessionHints("other", null),
            _ => throw new NotSupportedException(property.Name),
        };
    }
}
