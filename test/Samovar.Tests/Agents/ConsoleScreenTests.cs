using Samovar.Server.Agents;

namespace Samovar.Tests.Agents;

public sealed class ConsoleScreenTests
{
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
