using System.Diagnostics;

namespace Samovar.Metering;

/// <summary>Log entries of loops that must go on, and of timers, whose threads no exception may reach.</summary>
internal static class GuardedLog
{
    /// <summary>Writes an entry; never throws.</summary>
    public static void Write(Action entry)
    {
        try { entry(); }
        catch (Exception unsaid) { Trace.TraceError(unsaid.ToString()); } // the log itself is broken
    }
}
