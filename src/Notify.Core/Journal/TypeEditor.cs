using Notify.Core.Types;

namespace Notify.Core.Journal;

/// <summary>Changes the tables of one type within an epoch.</summary>
internal sealed class TypeEditor(TypeTables tables)
{
    private readonly ObjectTable.Editor _byKey = tables.ByKey.Edit();
    private readonly ObjectTable.Editor _byScope = tables.ByScope.Edit();
    private long _bytes = tables.Bytes;
    private bool _changed;

    public void Replace(Envelope? before, Envelope after)
    {
        _changed = true;
        _byKey.Set(after.Id.Key, after);
        _bytes += after.Size - (before?.Size ?? 0);
        if (before is not null)
        {
            RemoveScopes(before, except: after);
        }

        foreach (var scope in after.Scopes)
        {
            _byScope.Set(TypeTables.ScopedKey(scope.Key, after.Id.Key), after);
        }
    }

    public void Remove(Envelope before)
    {
        _changed = true;
        _byKey.Remove(before.Id.Key);
        _bytes -= before.Size;
        RemoveScopes(before, except: null);
    }

    /// <summary>The tables as they are now, or null if they did not change since last time.</summary>
    public TypeTables? TryFreeze()
    {
        if (!_changed)
        {
            return null;
        }

        _changed = false;
        return new TypeTables(_byKey.Freeze(), _byScope.Freeze(), _bytes);
    }

    private void RemoveScopes(Envelope before, Envelope? except)
    {
        foreach (var scope in before.Scopes)
        {
            if (except is null || !except.Scopes.Contains(scope))
            {
                _byScope.Remove(TypeTables.ScopedKey(scope.Key, before.Id.Key));
            }
        }
    }
}
