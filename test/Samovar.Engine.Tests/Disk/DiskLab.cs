using Samovar.Engine.Disk;
using Samovar.Engine.Llama;
using Samovar.Engine.Sequences;
using Samovar.Engine.Tests.Kinds;
using Samovar.Testing;
using Samovar.Testing.Models;
using Samovar.Testing.Models.Kinds;

namespace Samovar.Engine.Tests.Disk;

/// <summary>Engines that keep state in a folder, one after another.</summary>
internal sealed class DiskLab : IDisposable
{
    public static readonly byte[] Secret = [.. Enumerable.Range(0, 32).Select(at => (byte)at)];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-disk-");

    public string Folder => Path.Combine(_folder.FullName, "state");

    public IReadOnlyList<string> Files => Directory.Exists(Folder)
        ? [.. Directory.EnumerateFiles(Folder).Where(file => Path.GetFileName(file) is not ("lock" or "uses"))] : [];

    /// <param name="secrets">The keys, the newest first.</param>
    public LlamaEngine Start(IReadOnlyList<byte[]> secrets) => Start("llama", secrets: secrets);

    /// <param name="architecture">Of the model.</param>
    /// <param name="secret">Another key than usual.</param>
    /// <param name="folder">Another folder than usual.</param>
    public LlamaEngine Start(
        string architecture, Action<EngineOptions>? change = null, byte[]? secret = null, string? folder = null,
        IReadOnlyList<byte[]>? secrets = null, TimeProvider? time = null)
    {
        EngineLab.NeedLibrary();
        var options = new EngineOptions
        {
            ModelPath = KindLab.ModelPath(architecture, type: WeightType.Q8), ContextTokens = KindLab.ContextTokens,
            Streams = 2, Threads = 1, KvType = "f16", BatchTokens = 48, DraftTokensMax = 0,
            DiskBytesMax = 1L << 30, DiskPath = folder ?? Folder, DiskSaveDelay = TimeSpan.Zero,
            // However slow the machine's disk is: who gives up waiting for it says so.
            DiskWaitMax = Soon.Patience, DiskDrainMax = Soon.Patience, DiskScanMax = Soon.Patience,
            // A stream that went on in the moment in which it was saved is saved again after this time.
            DiskRetryDelay = TimeSpan.FromMilliseconds(100),
        };
        LabDevice.Choose(options);
        change?.Invoke(options);
        return LlamaEngine.Load(options, time ?? TimeProvider.System, secrets: secrets ?? [secret ?? Secret]);
    }

    public static EngineTurnSpec Spec(
        TokenPath prompt, SequencePin? pin = null, bool isStored = true, string scope = "a", int output = 12) =>
        new()
        {
            Namespace = scope, Prompt = prompt, ContinueFrom = pin, OutputTokensMax = output, IsStored = isStored,
            Sampling = new SamplingSettings
            {
                Temperature = 0, TopLogprobs = 2, LogitBias = KindModel.EndTokens.ToDictionary(token => token, _ => -1000f),
            },
        };

    public static Task<(EngineTurnEnd End, List<TokenStep> Steps)> RunAsync(LlamaEngine engine, EngineTurnSpec spec) =>
        EngineLab.RunAsync(engine, spec);

    public static TokenPath Prompt(int seed, int count) => TokenPath.Empty.Append(KindLab.Tokens(new Random(seed), count));

    public static TokenPath Again(TokenPath path, int seed, int count) =>
        TokenPath.Empty.Append(path.ToArray()).Append(KindLab.Tokens(new Random(seed), count));

    /// <summary>Bytes of all files.</summary>
    public long Bytes => Directory.EnumerateFiles(Folder).Sum(file => new FileInfo(file) is { Exists: true } there ? Length(there) : 0);

    /// <summary>Waits until all that streams hold is on the disk.</summary>
    public static Task WrittenAsync(LlamaEngine engine) => Soon.UntilAsync(() =>
        engine.Streams.Slots.All(slot => slot.Leaf is not { } leaf || (slot.IsIdle && IsWritten(engine, leaf))));

    private static bool IsWritten(LlamaEngine engine, Segment leaf)
    {
        if (engine.Model.WantsMarks && leaf.CheckpointCopy is not DiskPiece { IsWritten: true }) return false;
        for (var at = engine.Layout is null ? null : leaf; at is { Parent: not null }; at = at.Parent)
            if (at.RowsCopy is not DiskPiece { IsWritten: true }) return false;
        return true;
    }

    private static long Length(FileInfo file)
    {
        try { return file.Length; }
        catch (FileNotFoundException) { return 0; } // it has its name, or made room
    }

    /// <summary>As a process that was killed leaves it: what is in the folder now.</summary>
    public string Copy()
    {
        var copy = Path.Combine(_folder.FullName, "copy");
        Directory.CreateDirectory(copy);
        foreach (var file in Files.Append(Path.Combine(Folder, "uses")))
            try { File.Copy(file, Path.Combine(copy, Path.GetFileName(file))); }
            catch (FileNotFoundException) { } // it has got its name, or made room
        return copy;
    }

    /// <summary>A file that stands for a disk that hangs: who opens it waits until <see cref="GoOn"/>.</summary>
    public static async Task HangAsync(string path)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "A file that nobody writes to stands for a disk that hangs.");
        File.Delete(path);
        using var made = System.Diagnostics.Process.Start("mkfifo", [path]);
        await made.WaitForExitAsync(Soon.Token);
    }

    /// <summary>The disk goes on, at once for whoever waits, and for others as long as the result is there.</summary>
    public static FileStream GoOn(string path) => new(path, FileMode.Open, FileAccess.ReadWrite);

    /// <summary>Whether no engine has the folder.</summary>
    public bool IsFree
    {
        get
        {
            try
            {
                using var file = new FileStream(Path.Combine(Folder, "lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
                return true;
            }
            catch (IOException)
            {
                return false;
            }
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
