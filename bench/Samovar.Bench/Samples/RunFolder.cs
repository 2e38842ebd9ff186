using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Samovar.Bench.Samples;

/// <summary>
/// Where a run is written while it goes on, one line a measurement, so that a run that was stopped goes on where it was: a round of a cell
/// counts once its last line is there.
/// </summary>
/// <remarks>Files: <c>run.json</c>, <c>samples.jsonl</c>, <c>rounds.jsonl</c>, <c>values.jsonl</c>.</remarks>
internal sealed class RunFolder
{
    private const string FactsName = "run.json", SamplesName = "samples.jsonl", RoundsName = "rounds.jsonl", ValuesName = "values.jsonl";
    private readonly string _path;
    private readonly HashSet<FinishedRound> _finished;

    private RunFolder(string path, RunFacts facts)
    {
        (_path, Facts) = (path, facts);
        _finished = [.. Lines(RoundsName, SampleJson.Default.FinishedRound)];
    }

    public RunFacts Facts { get; private set; }

    /// <summary>Goes on with the run of this folder, or begins one there.</summary>
    public static RunFolder Open(string path, RunFacts facts)
    {
        Directory.CreateDirectory(path);
        var file = Path.Combine(path, FactsName);
        if (File.Exists(file)) return Read(path);
        var folder = new RunFolder(path, facts);
        folder.Describe(facts);
        return folder;
    }

    /// <summary>A run that was made before.</summary>
    public static RunFolder Read(string path) => new(path,
        JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(path, FactsName)), SampleJson.Default.RunFacts)!);

    /// <summary>Forgets what was measured there; other files of the folder stay.</summary>
    public static void Delete(string path)
    {
        if (!Directory.Exists(path)) return;
        foreach (var name in new[] { FactsName, SamplesName, RoundsName, ValuesName }) File.Delete(Path.Combine(path, name));
    }

    /// <summary>More is known of the run, such as how its links were made.</summary>
    public void Describe(RunFacts facts)
    {
        Facts = facts;
        File.WriteAllBytes(Path.Combine(_path, FactsName), JsonSerializer.SerializeToUtf8Bytes(facts, SampleJson.Default.RunFacts));
    }

    public bool IsFinished(SampleCell cell, int round) => _finished.Contains(new FinishedRound(cell, round));

    /// <summary>A whole round of a cell: all of its turns, or nothing where the run is stopped before.</summary>
    public void Add(SampleCell cell, int round, IEnumerable<TurnSample> samples)
    {
        Append(SamplesName, samples.Select(sample => JsonSerializer.Serialize(sample, SampleJson.Default.TurnSample)));
        var finished = new FinishedRound(cell, round);
        Append(RoundsName, [JsonSerializer.Serialize(finished, SampleJson.Default.FinishedRound)]);
        _finished.Add(finished);
    }

    public void Add(MeasuredValue value) => Append(ValuesName, [JsonSerializer.Serialize(value, SampleJson.Default.MeasuredValue)]);

    /// <summary>The turns of finished rounds; of a round that was cut off and measured again, the last.</summary>
    public IReadOnlyList<TurnSample> Samples() =>
    [
        .. Lines(SamplesName, SampleJson.Default.TurnSample).Where(sample => IsFinished(sample.Cell, sample.Round))
            .GroupBy(sample => (sample.Cell, sample.Round, sample.Session, sample.Turn)).Select(same => same.Last()),
    ];

    /// <summary>Of values with one name, the last one.</summary>
    public IReadOnlyList<MeasuredValue> Values() =>
        [.. Lines(ValuesName, SampleJson.Default.MeasuredValue).GroupBy(value => value.Name).Select(same => same.Last())];

    /// <summary>A line that was cut off stays alone: what follows begins one of its own.</summary>
    private void Append(string name, IEnumerable<string> lines)
    {
        using var file = new FileStream(Path.Combine(_path, name), FileMode.OpenOrCreate);
        if (file.Length > 0) file.Seek(-1, SeekOrigin.End);
        var isCutOff = file.Length > 0 && file.ReadByte() != '\n';
        file.Write(Encoding.UTF8.GetBytes((isCutOff ? "\n" : "") + string.Concat(lines.Select(line => line + "\n"))));
    }

    /// <summary>A last line that was cut off when the run was stopped is left out.</summary>
    private List<T> Lines<T>(string name, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        var file = Path.Combine(_path, name);
        if (!File.Exists(file)) return [];
        var read = new List<T>();
        foreach (var line in File.ReadLines(file))
        {
            try { read.Add(JsonSerializer.Deserialize(line, type)!); }
            catch (JsonException) { continue; }
        }
        return read;
    }
}

/// <summary>A round of a cell that was measured to its end.</summary>
internal sealed record FinishedRound(SampleCell Cell, int Round);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TurnSample))]
[JsonSerializable(typeof(MeasuredValue))]
[JsonSerializable(typeof(FinishedRound))]
[JsonSerializable(typeof(RunFacts))]
internal sealed partial class SampleJson : JsonSerializerContext;
