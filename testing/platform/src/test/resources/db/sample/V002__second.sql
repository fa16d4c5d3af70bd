UPDATE thing SET name = 'second';
