using System.Globalization;
using System.Runtime.InteropServices;

namespace Samovar.Engine.Native;

/// <summary>Keeps the threads that compute one batch together on different cores.</summary>
/// <remarks>
/// Between two steps of a batch they wait for each other by spinning. A scheduler that puts two of them on one core (and it does, where the
/// other cores have other work) lets one spin through its whole time slice while the other, for which it waits, does not run: a decode step
/// then takes 50 to 1,000 times as long, and since neither thread ever sleeps, nothing moves them apart. So each has cores of its own: the
/// process's cores, dealt out in turn. Within its share a thread may still move away from other work.
/// </remarks>
internal static unsafe partial class CoreAffinity
{
    private const string C = "libc.so.6";
    private const int MaskBytes = 1024; // 8,192 cores
    private const int NameCharsMax = 15; // what the kernel keeps of a thread's name
    private static int _pools;

    [LibraryImport(C), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int sched_getaffinity(int thread, nint bytes, byte* mask);

    [LibraryImport(C), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int sched_setaffinity(int thread, nint bytes, byte* mask);

    /// <summary>Makes a pool whose threads are kept apart; the thread that decodes with it still needs <see cref="PlaceCaller"/>.</summary>
    /// <param name="threads">Threads that compute together, the decoding one included.</param>
    /// <param name="create">Starts the others; they are known by the name that a thread hands on to those it starts.</param>
    /// <exception cref="EngineLoadException">They could not be started.</exception>
    public static nint NewPool(int threads, Func<nint> create)
    {
        if (!OperatingSystem.IsLinux()) return create();
        var name = $"samovar-pool-{Interlocked.Increment(ref _pools) % 100}";
        var (pool, failure) = ((nint)0, (Exception?)null);
        var maker = new Thread(() =>
        {
            try
            {
                pool = Placed(name, threads, create);
            }
            catch (Exception exception) // beyond this thread it would end the process
            {
                failure = exception;
            }
        }) { Name = name[..Math.Min(name.Length, NameCharsMax)], IsBackground = true };
        maker.Start();
        maker.Join();
        return failure is null ? pool
            : throw new EngineLoadException($"The threads that compute could not be started: {failure.Message}", failure);
    }

    private static nint Placed(string name, int threads, Func<nint> create)
    {
        var before = ThreadsNamed(name);
        var pool = create();
        var place = 0;
        foreach (var thread in ThreadsNamed(name).Except(before).Order()) Place(thread, ++place, threads);
        return pool;
    }

    /// <summary>Gives the calling thread the first of that many places.</summary>
    public static void PlaceCaller(int threads)
    {
        if (threads > 1 && OperatingSystem.IsLinux()) Place(0, 0, threads);
    }

    /// <summary>The cores of one place: of n places each has every n-th core; none where there are fewer cores than places.</summary>
    internal static IEnumerable<int> Share(IReadOnlyList<int> cores, int place, int places) =>
        cores.Count < places ? [] : cores.Where((_, index) => index % places == place);

    /// <summary>The cores that a thread may run on (0: the calling one).</summary>
    internal static IReadOnlyList<int> CoresOf(int thread)
    {
        var mask = stackalloc byte[MaskBytes];
        new Span<byte>(mask, MaskBytes).Clear();
        if (sched_getaffinity(thread, MaskBytes, mask) < 0) return [];
        var cores = new List<int>();
        for (var core = 0; core < MaskBytes * 8; core++)
            if ((mask[core / 8] & 1 << core % 8) != 0) cores.Add(core);
        return cores;
    }

    // Where it cannot be done (a sandbox forbids it, fewer cores than threads), all is as it was without.
    private static void Place(int thread, int place, int places)
    {
        var mask = stackalloc byte[MaskBytes];
        new Span<byte>(mask, MaskBytes).Clear();
        var any = false;
        try
        {
            foreach (var core in Share(CoresOf(Environment.ProcessId), place, places))
            {
                mask[core / 8] |= (byte)(1 << core % 8);
                any = true;
            }
            if (any) _ = sched_setaffinity(thread, MaskBytes, mask);
        }
        catch (Exception fault) when (fault is DllNotFoundException or EntryPointNotFoundException)
        {
            // another C library
        }
    }

    private static List<int> ThreadsNamed(string name)
    {
        var found = new List<int>();
        try
        {
            foreach (var folder in Directory.EnumerateDirectories("/proc/self/task"))
                if (NameOf(folder) == name) found.Add(int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            // no /proc here
        }
        return found;
    }

    private static string NameOf(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "comm")).TrimEnd('\n');
        }
        catch (IOException)
        {
            return ""; // it has ended
        }
    }
}
