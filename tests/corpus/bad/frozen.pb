

inputPlaceholder"