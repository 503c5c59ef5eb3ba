namespace Notify.Core.Schemas;

/// <summary>How a reference gets the key of its target.</summary>
internal enum ReferenceForm
{
    /// <summary>The path leads to key messages.</summary>
    Whole = 0,

    /// <summary>The path leads to the one string or number that the key consists of.</summary>
    OneField = 1,

    /// <summary>The key is put together from several fields.</summary>
    Template = 2,
}
