using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Samovar.Client.Tests;

/// <summary>Compiles and runs the programs of docs/client.md as they stand there.</summary>
public sealed partial class DocumentTests
{
    private const string Usings = "global using System; global using System.Collections.Generic; global using System.IO; "
        + "global using System.Linq; global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";

    internal static readonly string[] Programs =
        [.. Block().Matches(File.ReadAllText(Document())).Select(match => match.Groups["program"].Value)];

    [Fact]
    public void Document_HasThreePrograms() => Assert.Equal(3, Programs.Length);

    [Fact]
    public async Task Chat_AnswersLineByLine()
    {
        await using var lab = await Lab.StartAsync();
        var said = await RunAsync(Programs[0], "[[final=one]]\n[[final=two]]\n", lab.BaseUrl.AbsoluteUri);
        Assert.Equal("one\ntwo\n", said);
    }

    [Fact]
    public async Task Tools_AreCalled()
    {
        await using var lab = await Lab.StartAsync();
        var said = await RunAsync(Programs[1], "[[steps=1]] [[final=sunny]]\n[[final=bye]]\n", lab.BaseUrl.AbsoluteUri);
        Assert.Equal("sunny\nbye\n", said);
        Assert.Equal(3, lab.Backend.Turns);
    }

    [Fact]
    public async Task Background_IsReadOn_ByTheNextProgram()
    {
        await using var house = await StoredLab.StartAsync();
        var file = Path.Combine(Path.GetTempPath(), "samovar-client-" + Path.GetRandomFileName());
        var killed = new StringWriter();
        using var broken = new BreakingWriter(killed, writesMax: 4);
        var thrown = await Assert.ThrowsAsync<TargetInvocationException>(
            () => RunAsync(Programs[2], "[[final=once upon a time there was]]\n", broken, house.Lab.BaseUrl.AbsoluteUri, file));
        Assert.IsType<IOException>(thrown.InnerException);
        Assert.NotEqual("", killed.ToString());
        var rest = await RunAsync(Programs[2], "", house.Lab.BaseUrl.AbsoluteUri, file);
        Assert.Equal(("once upon a time there was", 1), (killed + rest, house.Lab.Backend.Turns));
        Assert.False(File.Exists(file));
    }

    private static async Task<string> RunAsync(string program, string input, params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        await RunAsync(program, input, output, arguments);
        return output.ToString();
    }

    private static async Task RunAsync(string program, string input, TextWriter output, params string[] arguments)
    {
        var main = Compile(program).EntryPoint!;
        var (oldIn, oldOut) = (Console.In, Console.Out);
        try
        {
            Console.SetIn(new StringReader(input));
            Console.SetOut(output);
            var ended = await Task.Run(() => main.Invoke(null, [arguments])); // a synchronous entry point around the program's own
            if (ended is Task task) await task;
        }
        finally
        {
            Console.SetIn(oldIn);
            Console.SetOut(oldOut);
        }
    }

    private static Assembly Compile(string program)
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => path.EndsWith(".dll", StringComparison.Ordinal)).Select(path => MetadataReference.CreateFromFile(path));
        var options = new CSharpParseOptions(LanguageVersion.Preview);
        var compilation = CSharpCompilation.Create("Program" + Path.GetRandomFileName(),
            [CSharpSyntaxTree.ParseText(program, options), CSharpSyntaxTree.ParseText(Usings, options)], references,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication));
        using var bytes = new MemoryStream();
        var made = compilation.Emit(bytes);
        Assert.True(made.Success, string.Join('\n', made.Diagnostics.Where(found => found.Severity == DiagnosticSeverity.Error)));
        bytes.Position = 0;
        return AssemblyLoadContext.Default.LoadFromStream(bytes);
    }

    private static string Document([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "docs", "client.md");

    [GeneratedRegex("```csharp\n(?<program>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Block();

    /// <summary>Ends its program, as a kill would, in the middle of what it says.</summary>
    private sealed class BreakingWriter(TextWriter inner, int writesMax) : StringWriter
    {
        private int _writes;

        public override void Write(string? value)
        {
            if (value is { Length: > 0 } && ++_writes > writesMax) throw new IOException("killed");
            inner.Write(value);
        }
    }
}
