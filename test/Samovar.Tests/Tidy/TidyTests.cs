using System.Text.RegularExpressions;

namespace Samovar.Tests.Tidy;

/// <summary>Holds the style rules that a machine can hold, so that no reviewer has to.</summary>
public sealed partial class TidyTests
{
    private const int FileLinesMax = 300;
    private const int LineCharsMax = 140;
    private const int MethodLinesMax = 70;
    private const int ConstructorParametersMax = 8;

    [Fact]
    public void Repository_HasFiles_ToBeTidy() => Assert.True(SourceTree.Files.Count > 50);

    [Fact]
    public void File_IsNotLong() => Holds(file =>
        file.Lines.Length > FileLinesMax ? [$"{file.Lines.Length} lines"] : []);

    [Fact]
    public void Line_IsNotLong() => Holds(file =>
        file.Lines.Select((line, i) => (line.Length, Number: i + 1)).Where(line => line.Length > LineCharsMax)
            .Select(line => $"line {line.Number} has {line.Length} characters"));

    [Fact]
    public void Method_IsNotLong() => Holds(file =>
        Blocks.Methods(file.Lines).Where(method => method.Lines > MethodLinesMax)
            .Select(method => $"line {method.Start + 1}: a method of {method.Lines} lines"));

    [Fact]
    public void Constructor_TakesFewParameters() => Holds(file =>
        Blocks.ConstructorParameters(string.Join('\n', file.Lines))
            .Where(made => made.Count > ConstructorParametersMax).Select(made => $"{made.Name} takes {made.Count}"));

    [Fact]
    public void Name_SaysWhatAThingIs() => Holds(file =>
        file.Lines.SelectMany(line => TypeName().Matches(line)).Select(match => match.Groups[1].Value)
            .Where(name => VagueName().IsMatch(name))
            .Select(name => $"'{name}' is a vague name"));

    [Fact]
    public void File_IsNamedAsOneOfItsTypes() => Holds(file =>
    {
        var own = Path.GetFileNameWithoutExtension(file.Name).Split('.')[0];
        var types = file.Lines.SelectMany(line => TypeName().Matches(line)).Select(match => match.Groups[1].Value).ToList();
        // One that holds a closed union or a group of tiny records is named after the group: LaneIds.cs, CallDrafts.cs.
        return types.Count is 0 or > 1 || types.Contains(own, StringComparer.Ordinal) ? [] : [$"holds {types[0]}"];
    });

    [Fact]
    public void LogEvent_HasANumberOfItsOwn()
    {
        var twice =
            from file in SourceTree.Files
            where file.Name.StartsWith("src/", StringComparison.Ordinal)
            from line in file.Lines
            let match = LogEvent().Match(line)
            where match.Success
            group file.Name by match.Groups[1].Value into numbered
            where numbered.Count() > 1
            select $"{numbered.Key}: {string.Join(", ", numbered)}";
        Assert.Empty(twice);
    }

    /// <summary>Who starts a task keeps it: the compiler holds the others, these are the ways around it.</summary>
    [Fact]
    public void Task_IsKept_ByWhoStartsIt() => Holds(file => !file.Name.StartsWith("src/", StringComparison.Ordinal) ? []
        : DroppedTask().Matches(string.Join('\n', file.Lines)).Select(match => $"drops a task: {match.Value.Trim()}"));

    [Theory]
    [InlineData("_ = NoteAsync(turn);", true)]
    [InlineData("if (is) _ = turns.Of(this)\n    .NoteAsync(turn);", true)]
    [InlineData("_ = Task.Run(Look);", true)]
    [InlineData("_ = Task.Factory.StartNew(\n    () => 1);", true)]
    [InlineData("task.ContinueWith(Note);", true)]
    [InlineData("private async void Note() { }", true)]
    [InlineData("time.CreateTimer(async _ => await NoteAsync(), null, due, never);", true)]
    [InlineData("token.Register(static async () => { });", true)]
    [InlineData("_ = began.Task.Exception;", false)]
    [InlineData("_ = await NoteAsync(turn);", false)]
    [InlineData("_ = value switch { _ => Find() };\nawait NoteAsync();", false)]
    [InlineData("_notes = NoteAsync();", false)]
    public void DroppedTask_IsSeen(string source, bool isSeen) => Assert.Equal(isSeen, DroppedTask().IsMatch(source));

    [Fact]
    public void File_HasNoByteOrderMark() => Holds(file =>
    {
        using var stream = File.OpenRead(file.Path);
        return stream.ReadByte() == 0xEF && stream.ReadByte() == 0xBB ? ["begins with a byte order mark"] : [];
    });

    [Fact]
    public void Line_EndsWithLineFeedAlone() =>
        Holds(file => File.ReadAllText(file.Path).Contains('\r', StringComparison.Ordinal) ? ["has a carriage return"] : []);

    [Fact]
    public void Text_CarriesNoTrailers() => Holds(file =>
        file.Lines.Where(line => line.Contains("Co-" + "authored", StringComparison.OrdinalIgnoreCase)).Select(_ => "carries a trailer"));

    private static void Holds(Func<SourceFile, IEnumerable<string>> faults)
    {
        var found = SourceTree.Files.SelectMany(file => faults(file).Select(fault => $"{file.Name}: {fault}")).ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    private const string Modifiers = "public|internal|private|protected|file|sealed|abstract|static|partial|readonly|ref|unsafe";
    private const string Kinds = "class|record struct|record class|record|struct|interface|enum";

    [GeneratedRegex($@"^\s*(?:\[[^\]]*\]\s*)?(?:(?:{Modifiers})\s+)*(?:{Kinds})\s+(\w+)")]
    private static partial Regex TypeName();

    [GeneratedRegex(@"(?<!\w)_ = (?!await\b)[^;{]*?(?:Async|\bTask\.Run|\bStartNew)\s*[(<]|\.ContinueWith\(|\basync void\b"
        + @"|\b(?:CreateTimer|Register|UnsafeRegister)\(\s*(?:static )?async\b")]
    private static partial Regex DroppedTask();

    [GeneratedRegex(@"\[LoggerMessage\((\d+),")]
    private static partial Regex LogEvent();

    [GeneratedRegex("(Helpers?|Utils?|Utility|Utilities|Manager|Common|Base|Impl)$")]
    private static partial Regex VagueName();
}
