using System.Security.Cryptography;
using System.Text;
using Samovar.Backends.Embedded.Dialects;
using Samovar.Backends.Embedded.Rendering;
using Samovar.Backends.Embedded.Sampling;
using Samovar.Engine;
using Samovar.Templates;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded;

/// <summary>What is found out about a loaded model once: its template, what that can do, and how the model writes calls.</summary>
internal sealed class EmbeddedModel
{
    private const int NameBytes = 16;
    private const int ContextsCounted = 4; // a prompt that is longer than that many contexts is refused without its exact length

    private EmbeddedModel(ISequenceEngine engine, EmbeddedOptions options, string source, ChatTemplate template, TimeProvider time)
    {
        Control = new ControlText(engine.Tokenizer, time, (int)Math.Min(int.MaxValue, (long)engine.Model.ContextTokens * ContextsCounted));
        Template = template;
        Facts = new TemplateProbe(template, Control, time).Ask();
        Dialect = DialectChoice.Choose(options.Dialect, source, Facts);
        Renderer = new ChatRenderer(template, Facts, Control, time);
        var fit = new MessageFit(Facts);
        var certifier = new SuffixCertifier(Renderer, fit, Control, Facts, options.ShapesMax);
        Rendering = RenderingOf(engine.Model, source, options);
        var room = new PromptRoom(Rendering, new ContentReader(options.ImagePlaceholder), options.CallLookback,
            CallSyntaxes.Marks(Dialect));
        Planner = new PromptPlanner(room, Renderer, fit, certifier, Control);
        StopTokens = Facts.EndToken is { } end && !engine.Tokenizer.IsEndOfGeneration(end) ? [end] : [];
    }

    public ChatTemplate Template { get; }
    public ControlText Control { get; }
    public TemplateFacts Facts { get; }
    public Dialect Dialect { get; }
    public ChatRenderer Renderer { get; }
    public PromptPlanner Planner { get; }

    /// <summary>Names the model and all that makes a conversation's tokens: under another name they mean something else.</summary>
    public string Rendering { get; }

    /// <summary>The template's end token, where the model does not know it for one.</summary>
    public IReadOnlyList<int> StopTokens { get; }

    /// <summary>Which template is used, and why not the model's own where it is not.</summary>
    public TemplateUse TemplateUse { get; private init; } = new("model", null);

    /// <exception cref="TemplateException">The operator's template is invalid.</exception>
    public static EmbeddedModel Read(ISequenceEngine engine, EmbeddedOptions options, TimeProvider time)
    {
        if (options.TemplatePath is { } path) return Of(File.ReadAllText(path), "operator");
        if (engine.Model.ChatTemplate is not { Length: > 0 } own) return Of(BuiltInTemplates.ChatMlSource, "chatml");
        try
        {
            return Of(own, "model");
        }
        catch (TemplateException fault)
        {
            return new EmbeddedModel(
                engine, options, BuiltInTemplates.ChatMlSource, BuiltInTemplates.ChatMl, time) { TemplateUse = new("chatml", fault) };
        }

        EmbeddedModel Of(string source, string used) =>
            new(engine, options, source, ChatTemplate.Parse(source), time) { TemplateUse = new(used, null) };
    }

    private static string RenderingOf(ModelFacts model, string template, EmbeddedOptions options)
    {
        var named = string.Join('\0', model.Identity, template, options.Dialect, options.ImagePlaceholder);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(named)).AsSpan(0, NameBytes));
    }
}

/// <summary>Which template renders prompts.</summary>
/// <param name="Used"><c>model</c>, <c>operator</c> or <c>chatml</c>.</param>
/// <param name="Fault">Why the model's own is not used.</param>
internal sealed record TemplateUse(string Used, TemplateException? Fault);
