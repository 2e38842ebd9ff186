using System.Runtime.InteropServices;

namespace Samovar.Engine.Native;

/// <summary>
/// Loads the backend libraries of a folder one by one. ggml could load all of them at once, but keeps to itself why one does not load, and
/// a driver that nobody asked for would come along.
/// </summary>
internal static unsafe class BackendLoader
{
    private const string Blas = "blas"; // on a Mac it helps the CPU

    /// <summary>Loads the CPU's library that fits this machine best.</summary>
    /// <remarks>A build that is in one piece has none: its CPU is known already.</remarks>
    public static void LoadCpu(string folder)
    {
        foreach (var blas in LibraryFiles.Of(folder, Blas)) GgmlCalls.Load(blas);
        if (GgmlCalls.HasCpu) return;
        foreach (var (file, _) in LibraryFiles.Cpu(folder).Select(file => (File: file, Score: Score(file)))
            .Where(scored => scored.Score > 0).OrderByDescending(scored => scored.Score))
            if (GgmlCalls.Load(file)) return;
    }

    /// <summary>Loads a device's library.</summary>
    /// <returns>Why it does not load; null where it does, or where the device is part of the build.</returns>
    public static string? LoadDevice(string folder, string device)
    {
        if (GgmlCalls.Devices().Any(known => known.Kind == device)) return null;
        string? fault = null;
        foreach (var file in LibraryFiles.Of(folder, device))
            if ((fault = FaultOf(file)) is null) return null;
        return fault ?? $"{folder} has no library for it";
    }

    // Loaded here first, since only this says what is missing.
    private static string? FaultOf(string file)
    {
        try
        {
            var handle = NativeLibrary.Load(file);
            if (GgmlCalls.Load(file)) return null;
            NativeLibrary.Free(handle);
            return $"{Path.GetFileName(file)} finds no device that it can use";
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            return Reason(exception.Message);
        }
    }

    // .NET lists every path that it tried; the first line is the one of the file itself.
    private static string Reason(string message)
    {
        var lines = message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.FirstOrDefault(line => line.Contains(": ", StringComparison.Ordinal) && !line.StartsWith("Unable to load shared",
            StringComparison.Ordinal)) ?? lines[0];
    }

    // ggml's own measure: 0 for a library that uses what this processor lacks.
    private static int Score(string file)
    {
        if (!NativeLibrary.TryLoad(file, out var handle)) return 0;
        return NativeLibrary.TryGetExport(handle, "ggml_backend_score", out var score) ? ((delegate* unmanaged[Cdecl]<int>)score)() : 1;
    }
}
