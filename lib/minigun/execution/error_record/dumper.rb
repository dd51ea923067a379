# frozen_string_literal: true

module Minigun
  module Execution
    module ErrorRecord
      # The child's side: an exception to plain data, whatever its own methods do.
      #
      # @api private
      module Dumper
        # Bytes of a message that travel; the rest is cut and the cut is said.
        MESSAGE_LIMIT = 64 * 1024
        # Bytes that Marshal may write of an exception (its receiver may be anything), or of one of
        # its variables.
        MARSHAL_LIMIT = 4 * MESSAGE_LIMIT
        # Lines of a backtrace that travel: the innermost and the outermost ones.
        INNERMOST = 100
        OUTERMOST = 20
        # Causes of causes that travel.
        CAUSE_LIMIT = 20

        # Takes what Marshal writes up to a limit.
        class Sink
          # @return [String]
          attr_reader :bytes

          def initialize
            @bytes = String.new(encoding: Encoding::BINARY)
          end

          # @param chunk [String]
          # @return [Integer] bytes taken
          def write(chunk)
            raise RecordTooLarge if @bytes.bytesize + chunk.bytesize > MARSHAL_LIMIT

            @bytes << chunk
            chunk.bytesize
          end
        end
        private_constant :Sink

        module_function

        # @param error [Exception]
        # @param depth [Integer] how many exceptions it is the cause of
        # @param carried [Boolean] does a dump of another exception contain this one?
        # @return [Hash] plain data
        def dump(error, depth = 0, carried: false)
          message, cut = message_of(error)
          lines = attempt { error.backtrace&.map { |line| String.new(line) } }
          bytes = marshal(error) unless cut || carried || too_long?(lines)
          carried ||= !bytes.nil?
          {
            class_name: class_name(error), standard: error.is_a?(StandardError), message: message,
            backtrace: trim(lines), marshal: bytes, fields: carried ? {} : fields(error),
            cause: cause(error, depth, carried)
          }
        end

        def cause(error, depth, carried)
          cause = attempt { error.cause }
          dump(cause, depth + 1, carried: carried) if cause && depth < CAUSE_LIMIT
        end

        # @return [Object] the block's value, or `other` when user code raised
        def attempt(other = nil)
          yield
        rescue *HARMLESS
          other
        end

        # @return [Array(String, Boolean)] the text, and whether it was cut
        def message_of(error)
          text = String.new(error.message.to_s)
          return [text, false] if text.bytesize <= MESSAGE_LIMIT

          ["#{text.byteslice(0, MESSAGE_LIMIT).scrub("?")}... (#{text.bytesize} bytes)", true]
        rescue *HARMLESS => e
          ["(message raised #{e.class})", true]
        end

        def class_name(error)
          attempt { error.class.name } || Module.instance_method(:inspect).bind_call(error.class)
        end

        def too_long?(lines) = !lines.nil? && lines.size > INNERMOST + OUTERMOST

        def trim(lines)
          return lines unless too_long?(lines)

          [*lines.first(INNERMOST), "... #{lines.size - INNERMOST - OUTERMOST} lines ...", *lines.last(OUTERMOST)]
        end

        def marshal(object)
          attempt { Marshal.dump(object, Sink.new).bytes }
        end

        # What an exception that cannot be dumped as a whole consists of, as far as that can be: its
        # instance variables, and what Ruby's own classes know besides.
        #
        # @return [Hash{Symbol => String}] dumped by Marshal
        def fields(error)
          values = error.instance_variables.to_h { |name| [name, error.instance_variable_get(name)] }
          values[:name] = attempt { error.name } if error.is_a?(NameError)
          values[:key] = attempt { error.key } if error.is_a?(KeyError)
          values.transform_values { |value| marshal(value) }.compact
        end

        private_class_method :cause, :attempt, :message_of, :class_name, :too_long?, :trim, :marshal, :fields
      end
    end
  end
end
