"""The words everybody uses: ids, kinds, tables, errors."""
