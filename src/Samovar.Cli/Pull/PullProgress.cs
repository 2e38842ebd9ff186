using System.Globalization;
using Samovar.Escaping;

namespace Samovar.Cli.Pull;

/// <summary>A line with a bar that is drawn again and again; where nobody looks, a line for each tenth.</summary>
internal sealed class PullProgress(TextWriter output, TimeProvider time, bool? isTerminal = null) : IPullProgress, IDisposable
{
    private const int BarChars = 30, Tenths = 10;
    private static readonly TimeSpan DrawnEvery = TimeSpan.FromMilliseconds(200);
    private readonly bool _isTerminal = isTerminal ?? !Console.IsOutputRedirected;
    private string _what = "", _name = "";
    private long _done, _before, _begun, _drawn;
    private long? _bytes;
    private int _tenth;
    private bool _isLineOpen;

    public void Begin(string what, ModelFile file, long done, long? bytes)
    {
        End();
        (_what, _name, _done, _before, _bytes) = (what, ForeignText.OneLine(file.Name), done, done, bytes);
        (_begun, _drawn, _tenth) = (time.GetTimestamp(), 0, TenthOf(done));
        var from = done > 0 ? $", from {ByteText.Of(done)} on" : "";
        if (!_isTerminal) output.WriteLine($"{what} {_name}{(bytes is { } all ? $" ({ByteText.Of(all)})" : "")}{from}");
    }

    public void Add(long bytes)
    {
        _done += bytes;
        if (_isTerminal) Draw();
        else if (TenthOf(_done) is var tenth && tenth > _tenth)
        {
            _tenth = tenth;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {tenth * Tenths} %  {Speed()}"));
        }
    }

    public void Say(string sentence)
    {
        End();
        output.WriteLine(ForeignText.OneLine(sentence));
    }

    public void Done(string path, bool isNew, bool isChecked)
    {
        End();
        output.WriteLine($"{ForeignText.OneLine(path)}: {(isNew ? "downloaded" : "there already")}"
            + (isChecked ? ", its SHA-256 is right" : ", not checked: nobody has said its SHA-256 (--sha256)"));
    }

    public void Dispose() => End();

    private void Draw()
    {
        var now = time.GetTimestamp();
        if (_drawn != 0 && time.GetElapsedTime(_drawn, now) < DrawnEvery && _done != _bytes) return;
        _drawn = now;
        _isLineOpen = true;
        var share = _bytes is > 0 and var all ? Math.Min(1, _done / (double)all) : 0;
        var bar = new string('█', (int)(share * BarChars)).PadRight(BarChars, '░');
        output.Write(string.Create(CultureInfo.InvariantCulture,
            $"\r\u001b[K{_what} {_name} {bar} {share * 100:0} %  {ByteText.Of(_done)}  {Speed()}"));
    }

    private string Speed()
    {
        var seconds = time.GetElapsedTime(_begun).TotalSeconds;
        if (seconds <= 0 || _done == _before) return "";
        var perSecond = (_done - _before) / seconds;
        var left = _bytes is { } all ? TimeSpan.FromSeconds((all - _done) / perSecond) : (TimeSpan?)null;
        return $"{ByteText.Of((long)perSecond)}/s"
            + (left is { } wait ? string.Create(CultureInfo.InvariantCulture, $", {(int)wait.TotalMinutes}:{wait.Seconds:00} left") : "");
    }

    private int TenthOf(long done) => _bytes is > 0 and var all ? (int)(done * Tenths / all) : 0;

    private void End()
    {
        if (_isLineOpen) output.WriteLine();
        _isLineOpen = false;
    }
}
