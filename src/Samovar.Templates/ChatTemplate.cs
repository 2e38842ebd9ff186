using System.Text.RegularExpressions;
using Samovar.Templates.Builtins;
using Samovar.Templates.Syntax;
using Samovar.Templates.Values;

namespace Samovar.Templates;

/// <summary>A parsed chat template: a subset of Jinja2 that covers what model files carry. Safe to share between threads.</summary>
/// <remarks>
/// Rendered as the reference does it: trim_blocks and lstrip_blocks on, no HTML escaping, loop controls, no files, no access to
/// anything but the values handed in.
/// </remarks>
internal sealed class ChatTemplate
{
    public const int SourceCharsMax = 512 * 1024;

    private readonly string _source;
    private readonly Statement[] _body;
    private readonly UnsetNames _unset;
    private CancellationToken _deadline;

    private ChatTemplate(string source, Statement[] body, List<Token> tokens, TokenReader reader)
    {
        _source = source;
        _body = body;
        _unset = UnsetNames.Of(body);
        Counts = NumberUse.Counts(tokens);
        Names = reader.Used;
        Unknown = reader.Unknown;
    }

    /// <summary>The names that its expressions read: what it is given, and what it sets itself.</summary>
    public IReadOnlySet<string> Names { get; }

    /// <summary>The filters and tests that are not known: an error only where one is reached.</summary>
    public IReadOnlyList<string> Unknown { get; }

    /// <summary>Whether its code may compare lengths or places with a number, beyond none, one and two.</summary>
    public bool Counts { get; }

    /// <exception cref="TemplateException">The source is not a template, with line and column.</exception>
    public static ChatTemplate Parse(string source)
    {
        if (source.Length > SourceCharsMax)
            throw new TemplateException($"A template has at most {SourceCharsMax} characters.");
        source = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        if (source.EndsWith('\n'))
            source = source[..^1];
        try
        {
            var tokens = Lexer.Read(source);
            var reader = new TokenReader(source, tokens);
            return new ChatTemplate(source, new StatementParser(reader).ParseTemplate(), tokens, reader);
        }
        catch (TemplateException fault) when (fault.Line == 0)
        {
            throw fault.At(source, 0);
        }
    }

    /// <summary>The same template, whose renders end as cancelled when this is.</summary>
    public ChatTemplate Until(CancellationToken deadline)
    {
        var template = (ChatTemplate)MemberwiseClone();
        template._deadline = deadline;
        return template;
    }

    /// <param name="variables">What the template sees by name, such as <c>messages</c>.</param>
    /// <param name="limits">What the render may cost.</param>
    /// <param name="time">The clock of <c>strftime_now</c>.</param>
    /// <param name="cancelled">Ends the render early.</param>
    /// <param name="trace">Notes which way it goes; null where nobody asks.</param>
    /// <exception cref="TemplateException">A fault in the template, a limit reached, or input it refuses.</exception>
    public string Render(
        IReadOnlyDictionary<string, TemplateValue> variables, TemplateLimits limits, TimeProvider time, CancellationToken cancelled,
        RenderTrace? trace = null)
    {
        using var buffer = new RenderBuffer(limits.CharsMax);
        _deadline.ThrowIfCancellationRequested();
        using var either = _deadline.CanBeCanceled && cancelled.CanBeCanceled
            ? CancellationTokenSource.CreateLinkedTokenSource(_deadline, cancelled) : null;
        if (_deadline.CanBeCanceled) cancelled = either?.Token ?? _deadline;
        var meter = new RenderMeter(limits, cancelled);
        RenderContext? context = null;
        context = new RenderContext(buffer, meter, time)
        {
            Trace = trace, Read = (value, name, isAttribute) => Access.InHole(context!, value, name, isAttribute),
        };
        try
        {
            new StatementExecutor(context, new ExpressionEvaluator(context, variables), _unset).Run(_body);
        }
        catch (TemplateException fault) when (fault.Line == 0)
        {
            throw fault.At(_source, meter.Offset);
        }
        catch (RegexMatchTimeoutException)
        {
            throw new TemplateException("A filter takes too long.").At(_source, meter.Offset);
        }
        return buffer.Cut(0);
    }
}
