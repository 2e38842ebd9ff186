using System.Security.Cryptography;
using Samovar.Engine.Llama;
using Samovar.Testing;
using Samovar.Testing.Models;

namespace Samovar.Engine.Tests.Kinds;

/// <summary>One engine after another on a model and a folder of state files: at random it ends, is killed, has its files spoilt and its
/// memory given up. Its clients know nothing of that.</summary>
internal sealed class LastingEngine : ISequenceEngine
{
    /// <summary>Whose tokens never go to files.</summary>
    public const string Unstored = "another";

    private const int ContextTokens = 512, StreamsMax = 3;
    private static readonly byte[] Secret = SHA256.HashData("a key"u8);
    private static readonly string[] Policies = ["value", "ttl", "lru"];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-lasting-");
    private readonly SortedDictionary<string, long> _done = new(StringComparer.Ordinal);
    private readonly string _architecture;
    private readonly Random _random;
    private readonly int _windowShare, _streams;
    private readonly long _diskMax, _place;
    private int _lives;

    public LastingEngine(string architecture, Random random, int windowShare)
    {
        (_architecture, _random, _windowShare, _streams) = (architecture, random, windowShare, random.Next(1, StreamsMax + 1));
        var shape = StateShape.Of(GgufMetadata.Read(KindLab.ModelPath(architecture, type: WeightType.Q8,
            windowShare: windowShare)));
        _place = shape.BytesPerSequence + shape.WindowTokens * shape.WindowBytesPerToken + 100 * shape.BytesPerToken;
        _diskMax = random.Next(4) switch { 0 => 0, 1 => 8 * _place, _ => 1L << 30 };
        Now = Start();
    }

    /// <summary>The one that runs.</summary>
    public LlamaEngine Now { get; private set; }

    /// <summary>What happened to it, and what all of them counted.</summary>
    public IReadOnlyDictionary<string, long> Done => _done;

    public ModelFacts Model => Now.Model;

    public ITokenizer Tokenizer => Now.Tokenizer;

    public EngineCounters Counters => Now.Counters;

    private string Folder => Path.Combine(_folder.FullName, $"state{_lives}");

    private IReadOnlyList<FileInfo> Files => new DirectoryInfo(Folder) is { Exists: true } folder
        ? [.. folder.EnumerateFiles().Where(file => file.Extension is ".rows" or ".point").OrderBy(file => file.Name)] : [];

    private long BytesHeld => Files.Sum(static file => file.Length)
        + (new FileInfo(Path.Combine(Folder, "uses")) is { Exists: true } uses ? uses.Length : 0);

    public EngineAdmission Begin(EngineTurnSpec spec) =>
        Now.Begin(spec with { IsStored = spec.Namespace != Unstored && _random.Next(4) > 0 });

    /// <summary>Something happens to it, or mostly nothing. Only while no turn runs.</summary>
    public async Task HappenAsync()
    {
        switch (_random.Next(24))
        {
            case 0 or 1:
                Note("ended");
                await EndAsync();
                Now = Start();
                await Soon.UntilAsync(() => Now.Counters.DiskBytes == BytesHeld); // whatever cannot be used is deleted
                break;
            case 2:
                Note("killed");
                await KillAsync();
                break;
            case 3 or 4:
                if (_diskMax > 0) Spoil();
                break;
            case 5 or 6:
                Note("evicted");
                await EngineAudit.AskAsync(Now, Evict);
                break;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_folder.Exists) return;
        await EndAsync();
        _folder.Delete(recursive: true);
        _folder.Refresh();
    }

    private LlamaEngine Start() => KindLab.StartExact(_architecture, options =>
    {
        (options.Streams, options.ContextTokens, options.Retention) = (_streams, ContextTokens, Policies[_random.Next(Policies.Length)]);
        options.ParkedBytesMax = _random.Next(5) switch { 0 => 0, 1 => 2 * _place, 2 => 5 * _place, 3 => 12 * _place, _ => 1L << 30 };
        if (_random.Next(3) == 0) options.DraftTokensMax = 0;
        (options.DiskBytesMax, options.DiskPath) = (_diskMax, Folder);
        options.DiskSaveDelay = TimeSpan.FromMilliseconds(_random.Next(3) * 20);
    }, _windowShare, Secret);

    private async Task EndAsync()
    {
        await Now.DisposeAsync();
        var counters = Now.Counters;
        Note("cached", counters.CachedTokens);
        Note("from files", counters.DiskTokens);
        Note("files refused", counters.DiskRefused);
        Note("restores", counters.Restores);
        Note("evictions", counters.Evictions);
        Note("drafted", counters.DraftedTokens);
        Assert.Equal(0, counters.DiskFailures);
        Assert.Null(counters.DiskFault);
    }

    // What is in the folder now is what the next one finds; what this one has in its hands is lost.
    private async Task KillAsync()
    {
        var left = Directory.Exists(Folder) ? new DirectoryInfo(Folder).EnumerateFiles().ToList() : [];
        var next = Directory.CreateDirectory(Path.Combine(_folder.FullName, $"state{_lives + 1}"));
        foreach (var file in left.Where(file => file.Name != "lock"))
            try { file.CopyTo(Path.Combine(next.FullName, file.Name)); }
            catch (FileNotFoundException) { } // it has got its name, or made room
        await EndAsync();
        _lives++;
        Now = Start();
    }

    private void Spoil()
    {
        if (Files is not { Count: > 0 } files) return;
        var file = files[_random.Next(files.Count)];
        var bytes = ReadOrNothing(file);
        if (bytes.Length == 0) return;
        switch (_random.Next(4))
        {
            case 0:
                Note("file changed");
                bytes[_random.Next(2) == 0 ? _random.Next(bytes.Length) : _random.Next(Math.Min(200, bytes.Length))] ^= 16;
                File.WriteAllBytes(file.FullName, bytes);
                break;
            case 1:
                Note("file cut");
                File.WriteAllBytes(file.FullName, bytes[.._random.Next(bytes.Length)]);
                break;
            case 2:
                Note("file lengthened");
                File.WriteAllBytes(file.FullName, [.. bytes, .. bytes.AsSpan(0, Math.Min(100, bytes.Length))]);
                break;
            default:
                Note("file exchanged");
                var other = ReadOrNothing(files[_random.Next(files.Count)]);
                if (other.Length > 0 && !other.AsSpan().SequenceEqual(bytes)) File.WriteAllBytes(file.FullName, other);
                break;
        }
    }

    private static byte[] ReadOrNothing(FileInfo file)
    {
        try { return File.ReadAllBytes(file.FullName); }
        catch (FileNotFoundException) { return []; }
    }

    private void Evict()
    {
        var most = _random.Next(1, 8);
        for (var count = 0; count < most && Now.Store.Candidates.Count > 0; count++)
        {
            var items = Now.Store.Candidates.OrderBy(item => item.Segment.End).ThenBy(item => item.IsCheckpoint).ToList();
            Now.Store.Evict(items[_random.Next(items.Count)].Segment);
        }
    }

    private void Note(string what, long count = 1) => _done[what] = _done.GetValueOrDefault(what) + count;
}
