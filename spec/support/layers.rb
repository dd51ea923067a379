# frozen_string_literal: true

# Checks which way dependencies point:
#
# 1. a file of lib/minigun requires only files of its own or a lower layer;
# 2. one file alone, native.rb, requires the extension;
# 3. the C core includes neither Ruby's headers nor the binding's.
#
# A Ruby file's layer is found by its path below lib/minigun; lib/minigun.rb stands above all.
class Layers
  # From the lowest to the highest. A name covers `name.rb` and everything below `name/`.
  ORDER = [
    %w[version errors],
    %w[clock control_groups dead_letter failure intrinsic log process_groups reconnect suggestion switch
       own_threads system_limits targeted_item width],
    %w[native],
    %w[shared],
    %w[dag emission hooks pipeline routing scope stage stats task],
    %w[execution],
    %w[flow report],
    %w[runner signals],
    %w[dsl],
    %w[cli hud progress]
  ].freeze

  EXTENSION = "minigun"
  BINDING = /\A(?:rb_|minigun\.)/
  RUBY_HEADER = %r{\A(?:ruby\.h|ruby/)}

  # @param root [String] the project's directory
  def initialize(root)
    @lib = File.expand_path("lib/minigun", root)
    @ext = File.expand_path("ext/minigun", root)
  end

  # @return [Array<String>] one line for each file that depends on what it should not know
  def violations
    Dir[File.join(@lib, "**", "*.rb")].flat_map { |path| wrong_requires(path) } +
      Dir[File.join(@ext, "*.{c,h}")].flat_map { |path| wrong_includes(path) }
  end

  private

  def wrong_requires(path)
    name = name_of(path)
    own = level(name)
    return ["#{name}.rb belongs to no layer"] unless own

    requires(path).filter_map do |line, target|
      problem = problem_with(target, name, own)
      "#{name}.rb:#{line} requires #{target}: #{problem}" if problem
    end
  end

  def problem_with(target, name, own)
    return ("only native.rb does" unless name == "native") if target == EXTENSION

    other = level(target) || ORDER.size
    "a higher layer" if other > own
  end

  def requires(path)
    File.foreach(path).with_index(1).filter_map do |text, line|
      match = text.match(/^\s*(require|require_relative)[\s(]+["']([^"']+)["']/)
      target = match && resolve(path, *match.captures)
      [line, target] if target
    end
  end

  # The name below lib/minigun ("../minigun" for the file above all); nil for a library of others.
  def resolve(path, kind, target)
    base = kind == "require_relative" ? File.dirname(path) : File.dirname(@lib)
    full = File.expand_path(target, base).delete_suffix(".rb").delete_suffix(".so")
    return "../minigun" if full == @lib

    name_of(full) if full.start_with?("#{@lib}/")
  end

  def name_of(path)
    path.delete_prefix("#{@lib}/").delete_suffix(".rb")
  end

  def level(name)
    ORDER.index { |names| names.include?(name[%r{\A[^/]+}]) }
  end

  def wrong_includes(path)
    file = File.basename(path)
    return [] if file.match?(BINDING)

    File.foreach(path).with_index(1).filter_map do |text, line|
      header = text[/^\s*#\s*include\s+["<]([^">]+)[">]/, 1]
      next unless header&.match?(Regexp.union(BINDING, RUBY_HEADER))

      "#{file}:#{line} includes #{header}: the core knows no Ruby"
    end
  end
end
