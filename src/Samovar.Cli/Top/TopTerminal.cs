using System.Globalization;
using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Samovar.Cli.Top;

/// <summary>
/// Draws one screen over the other without flicker, on the terminal's second page, and gives the first one back at the end.
/// </summary>
internal sealed class TopTerminal : IDisposable
{
    private const string Enter = "\e[?1049h\e[?25l", Leave = "\e[?25h\e[?1049l", Home = "\e[H", RestOfLine = "\e[K", RestOfScreen = "\e[J";
    private readonly TextWriter _output;

    public TopTerminal(TextWriter output)
    {
        _output = output;
        _output.Write(Enter);
    }

    /// <param name="screen">What to draw; lines beyond the terminal's height are left out.</param>
    public void Draw(IRenderable screen, int width, int height)
    {
        var text = new StringBuilder(Home);
        foreach (var line in Text(screen, width, withColours: true).TrimEnd().Split('\n').Take(height - 1))
            text.Append(line.TrimEnd()).Append(RestOfLine).Append("\r\n");
        _output.Write(text.Append(RestOfScreen));
        _output.Flush();
    }

    public void Dispose()
    {
        _output.Write(Leave);
        _output.Flush();
    }

    /// <summary>A screen as lines of text.</summary>
    public static string Text(IRenderable screen, int width, bool withColours)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = withColours ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = withColours ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = width;
        console.Write(screen);
        return text.ToString();
    }
}
