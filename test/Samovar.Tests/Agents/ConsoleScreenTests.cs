using System.Text.Json;
using Samovar.Cli.Agents;

namespace Samovar.Tests.Agents;

public sealed class ConsoleScreenTests
{
    [Fact]
    public void HalfASurrogatePair_IsNoEndOfTheAgent()
    {
        using var json = JsonDocument.Parse("""["\ud83d", "whole"]""");
        Assert.Equal(["\ufffd", "whole"], json.RootElement.EnumerateArray().Select(text => text.AnyString()));
    }

    [Fact]
    public void ModelText_CannotSteerTheTerminal()
    {
        var output = new StringWriter();
        var screen = new ConsoleScreen(output, colour: false);
        screen.Text("a\e[2Jb\u0007");
        screen.CallBegins("run", "{\"command\":\"\e]0;x\u0007\"}");
        Assert.DoesNotContain('\e', output.ToString());
        Assert.DoesNotContain('\u0007', output.ToString());
    }
}
