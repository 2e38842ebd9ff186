using System.Text.Json;
using Samovar.Cli.Commands;
using Samovar.Testing.Models;

namespace Samovar.Tests.Models;

/// <summary><c>model check</c> says what a file is, and how it will be used, without its weights.</summary>
public sealed class ModelCommandTests : IDisposable
{
    private const string Thinking =
        "{% set ns = namespace(u=0) %}{% for m in messages %}{% if m.role == 'user' %}{% set ns.u = loop.index0 %}{% endif %}{% endfor %}"
        + "{% for m in messages %}<|im_start|>{{ m.role }}\n"
        + "{% if m.reasoning_content and loop.index0 > ns.u %}<think>{{ m.reasoning_content }}</think>{% endif %}"
        + "{{ m.content }}{% for c in m.tool_calls or [] %}<tool_call>{{ c.function | tojson }}</tool_call>{% endfor %}<|im_end|>\n"
        + "{% endfor %}{{ tools | tojson if tools }}"
        + "{% if add_generation_prompt %}<|im_start|>assistant\n{% if enable_thinking is false %}<think></think>{% endif %}{% endif %}";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-check-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Check_SaysHowAModelWillBeUsed()
    {
        var report = await ReportAsync(Thinking, gguf => gguf.Add("tokenizer.chat_template.tool_use", Thinking));
        Assert.Equal(("llama", "Hermes", 8192), (Text(report, "architecture"), Text(report, "dialect"), Number(report, "trained_context")));
        var memory = report.GetProperty("memory");
        Assert.Equal(("plain", 4 * 2 * 64 * 2), (Text(memory, "kind"), Number(memory, "bytes_per_token")));
        var template = report.GetProperty("template");
        Assert.Equal(("model", "tool_use", "default and tool_use"),
            (Text(template, "used"), template.GetProperty("named")[0].GetString(), Text(template, "chosen")));
        Assert.Equal("enable_thinking", Assert.Single(report.GetProperty("thinking_switches").EnumerateArray()).GetString());
    }

    [Fact]
    public async Task Check_ShowsHowTheModelCalls_AndWhatKeepsItsThoughts()
    {
        const string Keyed = "{% set ns = namespace(u=0) %}"
            + "{% for m in messages %}{% if m.role == 'user' %}{% set ns.u = loop.index0 %}{% endif %}{% endfor %}"
            + "{% for m in messages %}<|im_start|>{{ m.role }}\n"
            + "{% if m.reasoning_content and (loop.index0 > ns.u or keep_thinking) %}<think>{{ m.reasoning_content }}</think>{% endif %}"
            + "{{ m.content }}"
            + "{% for c in m.tool_calls or [] %}<call={{ c.function.name }}>\n{% for k, v in c.function.arguments | items %}"
            + "<arg={{ k }}>{{ v if v is string else v | tojson }}</arg>\n{% endfor %}</call>{% endfor %}<|im_end|>\n{% endfor %}"
            + "{{ tools | tojson if tools }}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
        var report = await ReportAsync(Keyed);
        Assert.Equal("Keyed behind <call=", Text(report, "dialect"));
        Assert.Contains("<call=<function-name>", Text(report, "call"), StringComparison.Ordinal);
        Assert.Equal("keep_thinking=true", Text(report, "thoughts_kept_by"));
    }

    [Fact]
    public async Task Turns_AreIncremental_WhereTheTemplateKeepsWhatWasBefore()
    {
        var turns = (await ReportAsync(Thinking)).GetProperty("turns").EnumerateArray()
            .ToDictionary(turn => Text(turn, "turn")!, turn => turn.GetProperty("incremental").GetBoolean());
        Assert.False(turns["a question behind an answer with a thought"]); // a thought is kept up to the next question
        var notes = (await ReportAsync(Thinking)).GetProperty("notes").EnumerateArray().Select(note => note.GetString());
        Assert.Contains("Rendered whole, and read again from where it differs: a question behind an answer with a thought.", notes);
    }

    [Theory]
    [InlineData("ab\n  {% unless x %}y{% endunless %}", 2, 6, "{% unless x %}")]
    [InlineData("{{ messages[0]['content'] }}\n{{ 1 + }}", 2, 8, "{{ 1 + }}")]
    [InlineData("{{ messages.nothing.more }}", 1, 4, "{{ messages.nothing.more }}")]
    public async Task TemplateThatCannotBeUsed_IsShownWithItsConstruct(string source, int line, int column, string construct)
    {
        var template = (await ReportAsync(source)).GetProperty("template");
        var fault = template.GetProperty("fault");
        Assert.Equal(("chatml", line, column, construct),
            (Text(template, "used"), Number(fault, "line"), Number(fault, "column"), Text(fault, "construct")));
    }

    [Fact]
    public async Task UnknownFilter_IsANote()
    {
        var report = await ReportAsync("{{ messages[0].content }}{% if false %}{{ 'a' | shout }}{% endif %}");
        Assert.Contains("'shout'", report.GetProperty("template").GetProperty("unknown")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal("model", Text(report.GetProperty("template"), "used"));
    }

    [Fact]
    public async Task Check_IsReadByPeople()
    {
        var (code, output, _) = await RunAsync(Written(Thinking));
        Assert.Equal(0, code);
        Assert.Contains("memory         plain, 1024 bytes a token (f16)", output, StringComparison.Ordinal);
        Assert.Contains("thinking       enable_thinking", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OtherFile_IsRefused()
    {
        var path = Path.Combine(_folder.FullName, "note.txt");
        await File.WriteAllTextAsync(path, "hello", TestContext.Current.CancellationToken);
        var (code, _, error) = await RunAsync(path);
        Assert.Equal(1, code);
        Assert.Contains("is not a GGUF file", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("clip"), InlineData("nosuch")]
    public async Task ModelThatCannotBeServed_IsAFailure_WhoseReasonStandsInTheReport(string architecture)
    {
        var (code, output, error) = await RunAsync(Written(Thinking, architecture: architecture), "--json");
        Assert.Equal(1, code);
        var refusal = Text(JsonDocument.Parse(output).RootElement, "refusal")!;
        Assert.NotEmpty(refusal);
        Assert.Contains("cannot be served", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Embedder_CannotBeServed()
    {
        var (code, _, error) = await RunAsync(Written(Thinking, gguf => gguf.Add("llama.pooling_type", 1u)));
        Assert.Equal(1, code);
        Assert.Contains("embeddings", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FileForOtherMachines_IsNamedAsThat()
    {
        var path = Path.Combine(_folder.FullName, "big.gguf");
        await File.WriteAllBytesAsync(path, [.. "GGUF"u8, 0, 0, 0, 3, .. new byte[64]], TestContext.Current.CancellationToken);
        var (code, _, error) = await RunAsync(path);
        Assert.Equal(1, code);
        Assert.Contains("big-endian", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PulledModel_IsFoundByItsName()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder.FullName, "models", "owner", "small"));
        File.Move(Written(Thinking), Path.Combine(folder.FullName, "small.gguf"));
        var (code, output, _) = await RunAsync("owner/small", "--data", _folder.FullName);
        Assert.Equal(0, code);
        Assert.Contains("thinking       enable_thinking", output, StringComparison.Ordinal);
        var (missing, _, error) = await RunAsync("owner/other", "--data", _folder.FullName);
        Assert.Equal(1, missing);
        Assert.Contains("owner/other", error, StringComparison.Ordinal);
    }

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();

    private static int Number(JsonElement json, string name) => json.GetProperty(name).GetInt32();

    private async Task<JsonElement> ReportAsync(string template, Action<GgufWriter>? more = null)
    {
        var (code, output, error) = await RunAsync(Written(template, more), "--json");
        Assert.Equal((0, ""), (code, error));
        return JsonDocument.Parse(output).RootElement;
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string path, params string[] flags)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var shell = new Shell(output, error, new Dictionary<string, string>());
        var code = await SamovarCommand.RunAsync(["model", "check", path, .. flags], TimeProvider.System, shell);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>A head with a vocabulary, and no weights at all.</summary>
    private string Written(string template, Action<GgufWriter>? more = null, string architecture = "llama")
    {
        var path = Path.Combine(_folder.FullName, Guid.NewGuid().ToString("N") + ".gguf");
        using var file = File.Create(path);
        using var gguf = new GgufWriter(file);
        gguf.Add("general.architecture", architecture);
        gguf.Add("general.name", "small");
        gguf.Add("llama.context_length", 8192u);
        gguf.Add("llama.embedding_length", 128u);
        gguf.Add("llama.block_count", 4u);
        gguf.Add("llama.feed_forward_length", 384u);
        gguf.Add("llama.attention.head_count", 4u);
        gguf.Add("llama.attention.head_count_kv", 2u);
        gguf.Add("llama.attention.layer_norm_rms_epsilon", 1e-5f);
        gguf.Add("llama.vocab_size", 512u);
        RandomVocabulary.Describe(gguf, 512, [], [], template);
        more?.Invoke(gguf);
        gguf.Write((_, _, _, _) => { });
        return path;
    }
}
