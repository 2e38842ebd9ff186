using Samovar.Protocol.Chat;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;
using Samovar.Protocol.Requests;

namespace Samovar.Tests.Protocol.Fields;

/// <summary>Walks the whole field table: what a row says is what the readers do.</summary>
public sealed class FieldRowsTests
{
    /// <summary>Fields without which the request of a test says nothing.</summary>
    private static readonly string[] Needed = ["input", "messages"];

    public static TheoryData<FieldApi> Apis => [FieldApi.Responses, FieldApi.Chat, FieldApi.Messages];

    [Theory]
    [MemberData(nameof(Apis))]
    public void WrongValue_IsRefused_WithTheFieldsName(FieldApi api)
    {
        var faults = new List<string>();
        var tried = 0;
        foreach (var row in FieldRows.Of(api))
        {
            var wrong = FieldValues.Wrong(row.Form, LimitsOf(api)).ToList();
            if (row.IsRequired) wrong.Add(new WrongValue("null"));
            foreach (var (value, below) in wrong)
            {
                tried++;
                var expected = FieldRequests.Param(row, below);
                var found = Outcome(row, value);
                if (found.Param != expected) faults.Add($"{row.Path} = {Short(value)}: {found.Code} {found.Param}, not {expected}");
                else if (api == FieldApi.Messages && !found.Message.Contains(expected, StringComparison.Ordinal))
                    faults.Add($"{row.Path} = {Short(value)}: the message does not name it: {found.Message}");
            }
        }
        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.True(tried > 200, $"{tried} values tried");
    }

    [Theory]
    [MemberData(nameof(Apis))]
    public void RightValue_IsAccepted(FieldApi api)
    {
        var faults = new List<string>();
        foreach (var row in FieldRows.Of(api))
        {
            var right = FieldValues.Right(row.Form, LimitsOf(api)).ToList();
            if (!row.IsRequired && !Needed.Contains(row.Path, StringComparer.Ordinal)) right.Add("null");
            foreach (var value in right)
                if (Outcome(row, value) is { Param: not null } found)
                    faults.Add($"{row.Path} = {Short(value)}: {found.Code} {found.Param}: {found.Message}");
        }
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Theory]
    [MemberData(nameof(Apis))]
    public void WrongType_IsRefused_WithEveryTypeThatTheFieldTakes(FieldApi api)
    {
        var rows = FieldRows.Of(api).Where(row => row.Form is EitherForm).ToList();
        Assert.NotEmpty(rows);
        foreach (var row in rows)
            foreach (var value in new[] { "5", "1.5", "true", row.Form.Types.Contains("array", StringComparison.Ordinal) ? "{}" : "[]" })
            {
                var found = Outcome(row, value);
                Assert.Equal("invalid_type", found.Code);
                Assert.Contains($"expected {row.Form.Types}, but got", found.Message, StringComparison.Ordinal);
            }
    }

    [Fact]
    public void EveryRow_StandsOnce()
    {
        foreach (var api in Apis)
            Assert.Empty(FieldRows.Of(api).GroupBy(row => row.Path, StringComparer.Ordinal).Where(rows => rows.Count() > 1)
                .Select(rows => rows.Key));
        Assert.All(FieldRows.All.Where(row => row.Note is not null), row => Assert.DoesNotContain('|', row.Note!));
    }

    /// <summary>What a reader knows and the table does not would be checked by nobody here.</summary>
    [Fact]
    public void EveryFieldOfAReader_HasARow()
    {
        Assert.Empty(CreateFields.Table.Names.Except(Tops(FieldApi.Responses), StringComparer.Ordinal));
        Assert.Empty(ChatFields.Table.Names.Except(Tops(FieldApi.Chat), StringComparer.Ordinal));
        Assert.Empty(MessagesFields.Table.Names.Except(Tops(FieldApi.Messages), StringComparer.Ordinal));
    }

    private static IEnumerable<string> Tops(FieldApi api) => FieldRows.Of(api).Where(row => row.IsTop).Select(row => row.Path);

    /// <summary>A name that a row gives a field of a create request is a field of a create request.</summary>
    [Fact]
    public void EveryMeaning_IsAField() => Assert.All(FieldRows.All.Where(row => row.Means is not null),
        row => Assert.NotNull(FieldRows.OfRequest(row.Means!)));

    private static ProtocolLimits LimitsOf(FieldApi api) => api switch
    {
        FieldApi.Messages => ProtocolLimits.Default with { ToolNameCharsMax = 128, OutputTokensMin = 1 },
        FieldApi.Chat => ProtocolLimits.Default with { OutputTokensMin = 1 },
        _ => ProtocolLimits.Default,
    };

    private static (string? Code, string? Param, string Message) Outcome(FieldRow row, string value)
    {
        try
        {
            FieldRequests.Read(row, FieldRequests.With(row, value), ProtocolLimits.Default);
            return (null, null, "");
        }
        catch (ApiException error)
        {
            return (error.Kind.Code, error.Param ?? "(no field)", error.Message);
        }
    }

    private static string Short(string value) => value.Length <= 40 ? value : value[..40] + "…";
}
