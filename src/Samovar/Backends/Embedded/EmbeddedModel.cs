using System.Globalization;
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

    private EmbeddedModel(
        ISequenceEngine engine, EmbeddedOptions options, string source, ChatTemplate template, TimeProvider time,
        CancellationToken deadline)
    {
        Template = template;
        var asking = template.Until(deadline);
        var tokensMax = (int)Math.Min(int.MaxValue, (long)engine.Model.ContextTokens * ContextsCounted);
        var asked = TemplateAnswers.Ask(asking, source, new ControlText(engine.Tokenizer, time, tokensMax), time);
        (Control, Facts, Switches) = (asked.Control, asked.Facts, asked.Switches);
        ThoughtSwitch = ThoughtSwitchProbe.Find(asking, Facts, Control, time);
        if (options.KeepThoughts) Facts = Facts with { ThoughtsKeptBy = ThoughtSwitch };
        Writes = DialectChoice.Writes(options.Dialect, source, Facts, new DialectLearner(asking, Control, Switches, time));
        var isOurs = ReferenceEquals(Writes.Written, FixedDialects.HermesCalls); // the announcement's own words say that
        Facts = Facts with
        {
            CallExample = Facts.Tools || isOurs ? null : CallExample.Of(Writes), CallWriter = CallWriter.Of(Writes),
            Preamble = Writes.Channels?.Preamble,
        };
        Renderer = new ChatRenderer(template, Facts, Control, time, asked.Switches, options.Variables);
        var fit = new MessageFit(Facts, Control);
        var shapes = new ShapeRenderer(Renderer, fit);
        var histories = new StandInHistories(Facts.ParallelCalls);
        var certifier = new SuffixCertifier(shapes, histories, Control, Facts, template.Counts, options.ShapesMax);
        Rendering = RenderingOf(engine.Model, source, options, Facts);
        var room = new PromptRoom(Rendering, new ContentReader(options.ImagePlaceholder), options.CallLookback,
            CallSyntaxes.Marks(Writes), HasSystemsInRow(Facts));
        Planner = new PromptPlanner(
            room, Renderer, fit, new Continuation(
                room, fit, certifier, new ContentEffects(shapes, histories, template.Counts), Control), Control,
            engine.Model.WantsMarks ? new PromptMarks(Control) : null);
        Marks = new MarkTokens(Writes, engine.Tokenizer);
        StopTokens = EndTokens.Of(Facts, Writes, Control);
    }

    public ChatTemplate Template { get; }
    public ControlText Control { get; }
    public TemplateFacts Facts { get; }

    /// <summary>How its thinking is turned on and off.</summary>
    public ThinkingSwitches Switches { get; }

    /// <summary>How it writes.</summary>
    public ModelDialect Writes { get; }

    /// <summary>Its marks that are tokens.</summary>
    public MarkTokens Marks { get; }

    /// <summary>The switch by which its template keeps earlier thoughts, used or not; null where it has none, or needs none.</summary>
    public ThoughtSwitch? ThoughtSwitch { get; }

    public ChatRenderer Renderer { get; }
    public PromptPlanner Planner { get; }

    /// <summary>Names the model and all that makes a conversation's tokens: under another name they mean something else.</summary>
    public string Rendering { get; }

    /// <summary>The template's end token, where the model does not know it for one.</summary>
    public IReadOnlyList<int> StopTokens { get; }

    /// <summary>Which template is used, and why not the model's own where it is not.</summary>
    public TemplateUse TemplateUse { get; private init; } = new("model", null);

    /// <summary>Why the file's template for tools is not used, though its other one is; null when there is none, or it is.</summary>
    public string? ToolTemplateFault { get; private set; }

    /// <exception cref="TemplateException">The operator's template is invalid.</exception>
    public static EmbeddedModel Read(ISequenceEngine engine, EmbeddedOptions options, TimeProvider time)
    {
        if (options.TemplatePath is { } path) return Of(File.ReadAllText(path), "operator");
        TemplateException? refused = null;
        foreach (var (own, name) in TemplateSources.Of(engine.Model, options.TemplateName))
            try
            {
                var model = Of(own, "model", name);
                model.ToolTemplateFault = refused?.Message;
                return model;
            }
            catch (TemplateException fault) when (options.TemplateName is null)
            {
                refused = fault; // the last one's is the plain template's
            }
        if (refused is null) return Of(BuiltInTemplates.ChatMlSource, "chatml");
        return new EmbeddedModel(
            engine, options, BuiltInTemplates.ChatMlSource, BuiltInTemplates.ChatMl, time, CancellationToken.None)
        {
            TemplateUse = new("chatml", refused),
        };

        EmbeddedModel Of(string source, string used, string? name = null)
        {
            var template = ChatTemplate.Parse(source);
            using var deadline = new CancellationTokenSource(options.TemplateAskedMax, time);
            try
            {
                return new(engine, options, source, template, time, deadline.Token) 
                {
                    TemplateUse = new(used, null) { Name = name },
                };
            }
            catch (OperationCanceledException) when (deadline.IsCancellationRequested)
            {
                throw new TemplateException(string.Create(CultureInfo.InvariantCulture,
                    $"The template takes too long: what it can do was not found out within {options.TemplateAskedMax.TotalSeconds} s."));
            }
        }
    }

    private static bool HasSystemsInRow(TemplateFacts facts) => facts is { SystemRole: true, SystemLater: true, SystemsInRow: true };

    private static string RenderingOf(ModelFacts model, string template, EmbeddedOptions options, TemplateFacts facts)
    {
        var named = string.Join('\0', model.Identity, template, options.Dialect, options.ImagePlaceholder);
        if (!options.Variables.IsEmpty) named += '\0' + options.Variables.ToString(); // without any, states of earlier versions stay
        if (HasSystemsInRow(facts)) named += "\0rows"; // some of the start stands behind the tools
        if (facts.ThoughtsKeptBy is { } kept) named += $"\0{kept}"; // what is stored without it stays readable
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(named)).AsSpan(0, NameBytes));
    }
}

/// <summary>Which template renders prompts.</summary>
/// <param name="Used"><c>model</c>, <c>operator</c> or <c>chatml</c>.</param>
/// <param name="Fault">Why the model's own is not used.</param>
internal sealed record TemplateUse(string Used, TemplateException? Fault)
{
    /// <summary>Which of a file's named templates it is; null where the file has one alone.</summary>
    public string? Name { get; init; }
}
