# frozen_string_literal: true

require "ripper"
require "set"

module CodeIndex
  # Finds the classes, modules and methods that a piece of Ruby source defines.
  #
  # Ripper reports a construct after everything inside it, so a class is heard of after its methods.
  # The token after its keyword comes before them, though: it remembers how many definitions there
  # were, and what has been added since then belongs to the class.
  class Definitions < Ripper
    # Source that is no Ruby.
    class SyntaxError < StandardError; end

    # One definition; `words` are the names that its body mentions.
    Definition = Struct.new(:kind, :scope, :receiver, :name, :line, :words) do
      # @return [String] such as `Net::HTTP`, `Net::HTTP#get` or `Net::HTTP.start`
      def full_name
        owner = scope.join("::")
        text = case kind
               when "method" then owner.empty? ? name : "#{owner}##{name}"
               when "singleton method" then "#{owner.empty? ? "self" : owner}.#{name}"
               else [*scope, name].join("::")
               end
        text.delete_prefix("::")
      end

      # @return [Array] name, words, kind, path and line, as {Store#add} takes it
      def to_row(path)
        [utf8(full_name), utf8(words), kind, path, line]
      end

      # @return [Boolean] whether the scope is complete, as in `class ::Name`
      def absolute?
        (scope.first || name).start_with?("::")
      end

      private

      def utf8(text)
        text.encode(Encoding::UTF_8, invalid: :replace, undef: :replace)
      end
    end

    OPENING = %w[class def module].to_set.freeze
    private_constant :OPENING

    # The first name after `class`, `module` or `def`, with what had been found before it.
    Token = Struct.new(:text, :line, :definitions_before, :words_before)

    # @param source [String] in the encoding that its first lines declare
    # @return [Array<Definition>] in the order in which they end
    # @raise [SyntaxError] naming the line
    def self.in(source)
      new(source).definitions
    end

    def initialize(source)
      super
      @definitions = []
      @words = []
      @awaiting = nil
      @problem = nil
    end

    # @return [Array<Definition>]
    # @raise [SyntaxError]
    def definitions
      parse
      raise SyntaxError, @problem || "syntax error" if error?

      @definitions
    end

    private

    # Ripper keeps what it is given for a token until the whole file is parsed: nothing is given for
    # those that name nothing, and equal names are one string. It halves the memory and the time.
    def forget(_text)
      nil
    end
    SCANNER_EVENTS.each { |event| alias_method :"on_#{event}", :forget }

    def on_ident(text)
      @words << -text
      name(@words.last)
    end

    def on_const(text)
      on_ident(text)
    end

    # Keywords name methods, too. One that is no keyword here (`:class`) makes the name after it a
    # token for nothing.
    def on_kw(text)
      named = name(text)
      @awaiting = text if OPENING.include?(text)
      named
    end

    # So do operators; the one in `class << self` and `class ::Name` stands before the name.
    def on_op(text)
      @awaiting == "def" ? name(text) : -text
    end

    def name(text)
      return -text unless @awaiting

      @awaiting = nil
      Token.new(text, lineno, @definitions.size, @words.size)
    end
    alias on_backtick name
    # The singleton class may be that of any variable.
    alias on_ivar name
    alias on_cvar name
    alias on_gvar name

    # A group of statements is known by its first, as any other construct is by its first part.
    def on_stmts_add(first, statement)
      first || statement
    end

    def on_const_path_ref(parent, const)
      return parent unless parent.is_a?(Token)

      parent.dup.tap { |path| path.text = "#{parent.text}::#{const}" }
    end

    def on_top_const_ref(const)
      return const unless const.is_a?(Token)

      const.dup.tap { |path| path.text = "::#{const.text}" }
    end

    def on_class(name, _superclass, _body)
      define_scope("class", name)
    end

    def on_module(name, _body)
      define_scope("module", name)
    end

    # Methods right inside `class << self` are singleton methods of what surrounds it.
    def on_sclass(target, _body)
      return unless target.is_a?(Token)

      @definitions.drop(target.definitions_before).each do |definition|
        next unless definition.kind == "method" && definition.scope.empty?

        definition.kind = "singleton method"
        receive(definition, target.text)
      end
      nil
    end

    def on_def(name, _parameters, _body)
      define_method_named(name.text, "method", name)
      nil
    end

    def on_defs(target, _period, name, _parameters, _body)
      return unless target.is_a?(Token)

      receive(define_method_named(name, "singleton method", target), target.text)
      nil
    end

    def define_scope(kind, name)
      return unless name.is_a?(Token)

      @definitions.drop(name.definitions_before).each { |definition| enclose(definition, name.text) }
      @definitions << Definition.new(kind, [], nil, name.text, name.line, "")
      nil
    end

    # `def Name.method` inside `class Name` adds to that class, not to one inside it.
    def enclose(definition, scope)
      if definition.receiver == scope
        definition.receiver = nil
      elsif !definition.absolute?
        definition.scope = [scope, *definition.scope]
      end
    end

    # The object that a singleton method is defined on, when it is not the surrounding class.
    def receive(definition, receiver)
      return if receiver == "self"

      definition.receiver = receiver
      definition.scope = [receiver]
    end

    def define_method_named(name, kind, token)
      words = @words.drop(token.words_before)
      words.shift if kind == "singleton method" && words.first == name
      @definitions << Definition.new(kind, [], nil, name, token.line, words.uniq.join(" "))
      @definitions.last
    end

    def complain(message, *)
      @problem ||= "line #{lineno}: #{message}"
      nil
    end
    alias on_parse_error complain
    alias on_alias_error complain
    alias on_assign_error complain
    alias on_class_name_error complain
    alias on_param_error complain
    alias compile_error complain
  end
end
