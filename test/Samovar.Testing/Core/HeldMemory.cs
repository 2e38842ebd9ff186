using System.Collections;
using System.Reflection;

namespace Samovar.Testing.Core;

/// <summary>Weighs what an object keeps in memory by walking all that it refers to: the figure that budgets are held against.</summary>
internal sealed class HeldMemory
{
    private const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
    private const int HeaderBytes = 16;

    private readonly HashSet<object> _seen = new(ReferenceEqualityComparer.Instance);
    private readonly Stack<object> _open = new();
    private long _bytes;

    /// <param name="root">Where the walk begins.</param>
    /// <param name="except">Kinds that have a budget of their own.</param>
    public static long Of(object root, params Type[] except)
    {
        var memory = new HeldMemory();
        memory.Meet(root);
        while (memory._open.TryPop(out var next))
            if (next is not (Type or MemberInfo or Delegate) && !except.Contains(next.GetType())) memory._bytes += memory.Weigh(next);
        return memory._bytes;
    }

    private void Meet(object? value)
    {
        if (value is not null && _seen.Add(value)) _open.Push(value);
    }

    private long Weigh(object value)
    {
        switch (value)
        {
            case string text: return HeaderBytes + 6 + 2L * text.Length;
            case Array array: return HeaderBytes + 8 + Elements(array);
        }
        var bytes = (long)HeaderBytes;
        for (var type = value.GetType(); type is not null; type = type.BaseType) bytes += Fields(type, value);
        return bytes;
    }

    private long Elements(Array array)
    {
        var type = array.GetType().GetElementType()!;
        if (type.IsPrimitive) return Buffer.ByteLength(array);
        var bytes = 0L;
        foreach (var element in (IEnumerable)array) bytes += Value(type, element);
        return bytes;
    }

    private long Fields(Type type, object value) => type.GetFields(Own).Sum(field => Value(field.FieldType, field.GetValue(value)));

    private long Value(Type type, object? value)
    {
        if (type.IsPrimitive || type.IsEnum || type.IsPointer) return 8; // more than most
        if (type.IsValueType) return value is null ? 8 : 8 + Fields(value.GetType(), value); // a nullable is boxed as what it holds
        Meet(value);
        return 8;
    }
}
