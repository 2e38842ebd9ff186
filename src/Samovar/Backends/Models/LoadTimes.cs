namespace Samovar.Backends.Models;

/// <summary>How long a model takes to load: as long as it took before, else as its bytes let expect. The pool's lock is held.</summary>
internal sealed class LoadTimes
{
    private const double BytesPerSecondAtFirst = 500e6; // a disk that is no worse than most
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1), Most = TimeSpan.FromMinutes(10);
    private double _bytesPerSecond = BytesPerSecondAtFirst;

    public TimeSpan Of(ModelSlot slot) => Bounded(slot.LoadTime ?? TimeSpan.FromSeconds((slot.BytesNeeded?.Total ?? 0) / _bytesPerSecond));

    /// <summary>A model was loaded: others of its kind take as long for their bytes.</summary>
    public void Note(long bytes, TimeSpan took)
    {
        if (took > TimeSpan.Zero && bytes > 0) _bytesPerSecond = bytes / took.TotalSeconds;
    }

    public static TimeSpan Bounded(TimeSpan time) => time < Least ? Least : time > Most ? Most : time;
}
