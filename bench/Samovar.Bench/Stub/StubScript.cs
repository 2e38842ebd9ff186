using System.Globalization;
using System.Text.RegularExpressions;

namespace Samovar.Bench.Stub;

/// <summary>What the scripted model does next, by directives in the newest user text that has any, as the Node stub's are.</summary>
/// <param name="Steps">Tool calls it asks for before it answers.</param>
/// <param name="Deltas">Pieces that its answer comes in.</param>
/// <param name="DeltaBytes">Bytes of each piece.</param>
/// <param name="PauseMs">Milliseconds between two pieces, as a model takes them; 0 sends all at once.</param>
/// <param name="ArgumentBytes">Bytes of text in the arguments of each call.</param>
/// <param name="StepsDone">Tool results that came since the directives.</param>
internal sealed partial record StubScript(
    int Steps = 0, int Deltas = 16, int DeltaBytes = 4, int PauseMs = 0, int ArgumentBytes = 0, int StepsDone = 0)
{
    public bool IsCall => StepsDone < Steps;

    public static StubScript? Read(string text) => !text.Contains("[[", StringComparison.Ordinal) ? null
        : new StubScript(Number(StepsMark().Match(text), 0), Number(DeltasMark().Match(text), 16),
            Math.Max(1, Number(BytesMark().Match(text), 4)),
            Number(PauseMark().Match(text), 0), Number(ArgumentsMark().Match(text), 0));

    /// <summary>
    /// A tool's result may say how long the next call or answer is, and how many calls follow from here on; everything else goes on.
    /// </summary>
    public StubScript After(string result) => !result.Contains("[[", StringComparison.Ordinal) ? this with { StepsDone = StepsDone + 1 }
        : this with
        {
            Deltas = Number(DeltasMark().Match(result), Deltas), ArgumentBytes = Number(ArgumentsMark().Match(result), ArgumentBytes),
            Steps = Number(StepsMark().Match(result), Steps), StepsDone = StepsMark().IsMatch(result) ? 0 : StepsDone + 1,
        };

    private static int Number(Match match, int otherwise) =>
        match.Success ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : otherwise;

    [GeneratedRegex(@"\[\[steps=(\d{1,6})\]\]")] private static partial Regex StepsMark();
    [GeneratedRegex(@"\[\[deltas=(\d{1,6})\]\]")] private static partial Regex DeltasMark();
    [GeneratedRegex(@"\[\[bytes=(\d{1,6})\]\]")] private static partial Regex BytesMark();
    [GeneratedRegex(@"\[\[args=(\d{1,6})\]\]")] private static partial Regex ArgumentsMark();
    [GeneratedRegex(@"\[\[pause=(\d{1,4})\]\]")] private static partial Regex PauseMark();
}
